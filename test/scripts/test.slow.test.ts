import { rmSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Clone, type Ending } from "./clone.js";

describe("npm test", { timeout: 120_000 }, () => {
  const clone = new Clone();
  beforeAll(() => clone.create());
  afterAll(() => clone.remove());
  beforeEach(() => rmSync(clone.path("test"), { recursive: true, force: true }));

  it("ends with the count", () => {
    writeTests({ first: 'it("a", () => {}); it("b", () => {});', second: 'it("c", () => {});' });
    const ending = clone.run("test.mjs");
    expect(lastLine(ending)).toBe("3 passed, 0 failed");
    expect(ending.code).toBe(0);
  });

  it("hands its arguments on", () => {
    writeTests({ first: 'it("a", () => {});', second: 'it("b", () => {});' });
    expect(lastLine(clone.run("test.mjs", ["test/first"]))).toBe("1 passed, 0 failed");
  });

  it("leaves slow tests to --all, and to whoever names them", () => {
    writeTests({ first: 'it("a", () => {});', "second.slow": 'it("b", () => {});' });
    expect(lastLine(clone.run("test.mjs"))).toBe("1 passed, 0 failed");
    expect(lastLine(clone.run("test.mjs", ["--all"]))).toBe("2 passed, 0 failed");
    expect(lastLine(clone.run("test.mjs", ["second"]))).toBe("1 passed, 0 failed");
    expect(lastLine(clone.run("test.mjs", ["--project=slow"]))).toBe("1 passed, 0 failed");
    expect(lastLine(clone.run("test.mjs", ["--bail=1"]))).toBe("1 passed, 0 failed");
  });

  it("says which tests were skipped, and why", () => {
    writeTests({ first: SKIPS });
    const ending = clone.run("test.mjs", [], { TESTS_REQUIRE_ALL: "" });
    expect(ending.stdout).toContain("skipped: test/first.test.ts > b: there is no mosquitto_pub\n");
    expect(lastLine(ending)).toBe("1 passed, 0 failed, 1 skipped");
    expect(ending.code).toBe(0);
  });

  it("counts a skipped test as failed where none may be skipped", () => {
    writeTests({ first: SKIPS });
    const ending = clone.run("test.mjs", [], { TESTS_REQUIRE_ALL: "1" });
    expect(lastLine(ending)).toBe("1 passed, 1 failed");
    expect(ending.code).toBe(1);
  });

  it("counts what failed outside of a test", () => {
    writeTests({
      loads: 'import "./nowhere.js"; it("a", () => {});',
      hook: 'describe("h", () => { beforeAll(() => { throw new Error("no"); }); it("b", () => {}); });',
      later: 'it("c", async () => { void Promise.reject(new Error("stray")); });',
      fails: 'it("d", () => { throw new Error("no"); });',
    });
    const ending = clone.run("test.mjs", [], { TESTS_REQUIRE_ALL: "" });
    expect(ending.stdout).toContain("FAILED outside its tests: test/loads.test.ts\n");
    expect(ending.stdout).toContain("FAILED outside its tests: test/hook.test.ts > h\n");
    expect(ending.stdout).toContain("FAILED outside any test: stray\n");
    expect(lastLine(ending)).toBe("1 passed, 4 failed, 1 skipped");
    expect(ending.code).toBe(1);
  });

  it("fails when no test ran", () => {
    const ending = clone.run("test.mjs");
    expect(lastLine(ending)).toBe("0 passed, 1 failed");
    expect(ending.code).toBe(1);
  });

  function writeTests(files: Readonly<Record<string, string>>): void {
    for (const [name, body] of Object.entries(files)) {
      const head = 'import { beforeAll, describe, it } from "vitest";\n';
      clone.write(`test/${name}.test.ts`, `${head}void [beforeAll, describe];\n${body}\n`);
    }
  }
});

const SKIPS = `it("a", () => {});
it("b", (context) => context.skip(true, "there is no mosquitto_pub"));`;

function lastLine({ stdout }: Ending): string | undefined {
  return stdout.trimEnd().split("\n").at(-1);
}
