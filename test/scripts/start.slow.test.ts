import { existsSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clone } from "./clone.js";

// Each build takes the compiler a second or two, so the steps of one story share a clone.
describe("npm start", { timeout: 120_000 }, () => {
  const clone = new Clone();
  beforeAll(() => clone.create());
  afterAll(() => clone.remove());

  it("builds a fresh clone, then is `beeline start` with the flags it was given", () => {
    expect(clone.run("start.mjs", ["--port", "21883"])).toEqual({
      code: 0,
      stdout: "start --port 21883\n",
      stderr: "beeline: building (tsc) ...\n",
    });
  });

  it("does nothing needless the second time", () => {
    expect(clone.run("start.mjs")).toEqual({ code: 0, stdout: "start\n", stderr: "" });
  });

  it("leaves another subcommand and the version to the program", () => {
    expect(clone.run("start.mjs", ["passwd", "file"]).stdout).toBe("passwd file\n");
    expect(clone.run("start.mjs", ["--version"]).stdout).toBe("--version\n");
  });

  it("builds again when a source changed, whatever the time of its last change", () => {
    clone.write("src/cli/main.ts", 'import "./extra.js";\n');
    clone.write("src/cli/extra.ts", 'console.log("extra");\n');
    expect(clone.run("start.mjs").stdout).toBe("extra\n");
  });

  it("takes away what a deleted source left behind", () => {
    clone.write("src/cli/main.ts", "process.exitCode = 7;\n");
    rmSync(clone.path("src/cli/extra.ts"));
    expect(clone.run("start.mjs").code).toBe(7);
    expect(existsSync(clone.path("dist/cli/extra.js"))).toBe(false);
    expect(existsSync(clone.path("dist/cli/extra.d.ts.map"))).toBe(false);
  });

  it("builds again what was deleted from dist", () => {
    rmSync(clone.path("dist/cli/main.js"));
    expect(clone.run("start.mjs").code).toBe(7);
  });

  it("does not start what does not compile, this time and the next", () => {
    clone.write("src/cli/main.ts", 'export const count: number = "one";\n');
    for (const attempt of [clone.run("start.mjs"), clone.run("start.mjs")]) {
      expect(attempt.code).toBe(1);
      expect(attempt.stdout).toBe("");
      expect(attempt.stderr).toContain("src/cli/main.ts(1,14): error TS2322");
    }
  });
});
