import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  for (const file of readdirSync(src)) {
    const { outputText } = ts.transpileModule(readFileSync(join(src, file), "utf8"), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
      },
    });
    writeFileSync(join(root, file.replace(/ts$/, "js")), outputText);
  }
  return { folder: root, remove: () => rmSync(root, { recursive: true }) };
}
