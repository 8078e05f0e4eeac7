import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clone } from "./clone.js";

// What somebody in a hurry types: an answer in words, not where a parser threw, and nothing is run.
describe("a script that is called with a slip", { timeout: 120_000 }, () => {
  const clone = new Clone();
  beforeAll(() => {
    clone.create();
    clone.write("bench/codec.bench.ts", "");
    expect(clone.run("start.mjs").code).toBe(0); // the build, once for all
  });
  afterAll(() => clone.remove());

  it.each([
    ["test.mjs", ["--al"], "there is no --al: did you mean --all?\nusage: npm test "],
    ["test.mjs", ["-all"], "there is no -all: did you mean --all?\nusage: npm test "],
    [
      "cluster-demo.mjs",
      ["--prot"],
      "the demo takes no flags: --prot\nusage: npm run cluster:demo\n",
    ],
    ["bench.mjs", ["cdec"], "beeline: there is no benchmark cdec; there are: codec, brokers, "],
    ["bench.mjs", ["codec", "cdec"], "beeline: there is no benchmark cdec; there are: codec, "],
  ])("%s %j says what there is", (script, args, words) => {
    const { code, stdout, stderr } = clone.run(script, args);
    expect(stderr.slice(0, words.length)).toBe(words);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stdout).toBe("");
    expect(code).toBe(script === "bench.mjs" ? 1 : 2);
  });

  it("npm test says how it is used below what vitest says of a flag", () => {
    const { code, stdout } = clone.run("test.mjs", ["--bial"]);
    expect(stdout).toMatch(/^usage: npm test [\s\S]*\nFAILED: no test ran\n0 passed, 1 failed\n$/);
    expect(code).toBe(1);
  });

  it.each(["test.mjs", "cluster-demo.mjs", "bench.mjs"])(
    "%s --help says how it is used",
    (script) => {
      const { code, stdout, stderr } = clone.run(script, ["--help"]);
      expect(stdout).toMatch(/^usage: npm /);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    },
  );
});
