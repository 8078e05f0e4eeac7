/**
 * `node scripts/compile.mjs CONFIG...`: `tsc -p CONFIG` for one after the other, with the pass of
 * constants.mjs behind it. A CONFIG says where its `.tsbuildinfo` is. Part of `npm run build`.
 *
 * PLAIN_BUILD=1 leaves the pass out, to measure what it is worth.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { toConstants } from "./constants.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const root = dirname(folder);
const plain = process.env.PLAIN_BUILD === "1";

const configs = process.argv.slice(2).map((config) => join(root, config));
process.exitCode = configs.every(compile) ? 0 : 1; // the first that does not compile is the last

/** Whether the project compiled; prints what is wrong with it. */
function compile(configFile) {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: print };
  const config = ts.getParsedCommandLineOfConfigFile(configFile, {}, host);
  if (config === undefined) return false;
  forgetOtherCompilers(config.options.outDir, config.options.tsBuildInfoFile);
  const program = ts.createIncrementalProgram({
    rootNames: config.fileNames,
    options: config.options,
    configFileParsingDiagnostics: ts.getConfigFileParsingDiagnostics(config),
  });
  const found = [
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...program.getSemanticDiagnostics(),
  ];
  for (const diagnostic of found) print(diagnostic);
  if (found.length > 0) return false;
  program.emit(undefined, undefined, undefined, false, { after: plain ? [] : [toConstants] });
  return true;
}

/** What another version of the pass has written is not to be taken for up to date. */
function forgetOtherCompilers(outDir, buildInfoFile) {
  const hash = createHash("sha256").update(String(plain));
  for (const file of ["compile.mjs", "constants.mjs"])
    hash.update(readFileSync(join(folder, file)));
  const version = hash.digest("hex");
  const versionFile = join(outDir, ".compiled-by");
  if (existsSync(versionFile) && readFileSync(versionFile, "utf8") === version) return;
  rmSync(buildInfoFile, { force: true });
  mkdirSync(outDir, { recursive: true });
  writeFileSync(versionFile, version);
}

function print(diagnostic) {
  const host = {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => root,
    getNewLine: () => "\n",
  };
  process.stderr.write(ts.formatDiagnostic(diagnostic, host));
}
