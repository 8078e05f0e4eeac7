import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const src = fileURLToPath(new URL("../src/", import.meta.url));

/**
 * The generator as JavaScript in a folder of its own, for tests that start processes: as the build
 * would make it, but without its type check, so that it takes a second.
 */
export function compiledGenerator(): { readonly folder: string; readonly remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), "generator-"));
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
  const files = readdirSync(src, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".ts"))) {
    const { outputText } = ts.transpileModule(readFileSync(join(src, file), "utf8"), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
      },
    });
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file.replace(/ts$/, "js")), outputText);
  }
  return { folder: root, remove: () => rmSync(root, { recursive: true }) };
}
