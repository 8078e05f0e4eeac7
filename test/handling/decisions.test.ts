import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const text = readFileSync(new URL("spec-notes/decisions.md", root), "utf8");

/** The rows of the table under a heading, cell by cell, without its two lines of head. */
function rowsOf(heading: string): string[][] {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map((cells) => cells.slice(1, -1));
}

/** The test files a cell names, with what stands in them. */
function testsIn(cell: string): { file: string; code: string }[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => {
    const files = [`test/${name}.test.ts`, `test/${name}.slow.test.ts`];
    const file = files.map((path) => new URL(path, root)).find((url) => existsSync(url));
    return { file: `${name}`, code: file === undefined ? "" : readFileSync(file, "utf8") };
  });
}

const numbers = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${letter}${at + 1}`);

describe("the list of decisions", () => {
  it.each([
    ["Point-to-point: P1 to P20", numbers("P", 20)],
    ["Where brokers differ: M1 to M36", numbers("M", 36)],
  ])("%s is complete, and each row has a test that carries its number", (heading, expected) => {
    const rows = rowsOf(heading);
    expect(rows.map(([number]) => number)).toEqual(expected);
    for (const [number = "", decision = "", why = "", heldBy = ""] of rows) {
      expect([number, decision.length > 20, why.length > 3]).toEqual([number, true, true]);
      if (heldBy.startsWith("not yet: ")) continue;
      const tests = testsIn(heldBy);
      expect(tests.length).toBeGreaterThan(0);
      const silent = tests.filter(({ code }) => !code.includes(`[${number}]`));
      expect(silent.map(({ file }) => `${file} does not name ${number}`)).toEqual([]);
    }
  });

  it("names for the engine's own decisions tests that exist, and cases they carry", () => {
    const rows = rowsOf("What the engine decided on its way");
    expect(rows.length).toBeGreaterThan(10);
    for (const [decision = "", , heldBy = ""] of rows) {
      const tests = testsIn(heldBy);
      expect(tests.filter(({ code }) => code === "").map(({ file }) => file)).toEqual([]);
      const all = tests.map(({ code }) => code).join("\n");
      const cases = [...decision.matchAll(/\[([A-Z]\d+)\]/g)].map(([, number]) => number);
      expect(cases.filter((number) => !all.includes(`[${number}]`))).toEqual([]);
    }
  });
});
