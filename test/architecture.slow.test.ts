import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

describe("the engine is pure", () => {
  it("compiles without the types of Node or a browser", { timeout: 120_000 }, () => {
    const config = ts.getParsedCommandLineOfConfigFile(
      join(root, "tsconfig.engine.json"),
      {},
      {
        ...ts.sys,
        onUnRecoverableConfigFileDiagnostic: (diagnostic) => expect.fail(text(diagnostic)),
      },
    );
    if (config === undefined) expect.fail("tsconfig.engine.json is missing");
    expect(config.options.types).toEqual([]);
    expect(config.options.lib).toEqual(["lib.es2023.d.ts"]);
    const program = ts.createProgram(config.fileNames, config.options);
    const foreign = program
      .getSourceFiles()
      .map(({ fileName }) => fileName.slice(root.length + 1))
      .filter((file) => !/^(src|node_modules\/typescript\/lib)\//.test(file));
    expect(foreign).toEqual([]);
    expect(ts.getPreEmitDiagnostics(program).map(text)).toEqual([]);
  });
});

function text(diagnostic: ts.Diagnostic): string {
  const where = diagnostic.file?.fileName.slice(root.length + 1) ?? "";
  return `${where} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n")}`;
}
