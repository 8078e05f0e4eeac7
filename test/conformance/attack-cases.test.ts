import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ATTACKS } from "../../packages/bench/src/attack/attacks.js";
import { SECTIONS } from "../../packages/conformance/src/sections.js";

const notes = fileURLToPath(new URL("../../spec-notes", import.meta.url));
const page = readFileSync(join(notes, "attack-cases.md"), "utf8");
const rows = [...page.matchAll(/^\| ([A-M]\d\d|T\d) \| (.*?) \| (.*?) \| (.*) \|$/gm)].map(
  ([, id = "", , , tested = ""]) => ({ id, tested }),
);

/** How many inputs each group has. */
const GROUPS = {
  A: 22,
  B: 24,
  C: 16,
  D: 18,
  E: 20,
  F: 16,
  G: 16,
  H: 14,
  I: 15,
  J: 12,
  K: 14,
  L: 8,
};

describe("spec-notes/attack-cases.md", () => {
  it("has a row for each of the 212 inputs, in order", () => {
    const ids = Object.entries({ ...GROUPS, M: 8 }).flatMap(([group, count]) =>
      Array.from({ length: count }, (_, at) => `${group}${`${at + 1}`.padStart(2, "0")}`),
    );
    ids.push(...ATTACKS.map(({ name }) => name));
    expect(ids).toHaveLength(212);
    expect(rows.map(({ id }) => id)).toEqual(ids);
  });

  it("names only tests that name the case, or says what a case waits for", () => {
    for (const { id, tested } of rows) {
      const files = [...tested.matchAll(/\]\((\.\.\/test\/[^)]+)\)/g)].map(([, file = ""]) => file);
      if (files.length === 0) expect(tested, id).toMatch(/^not yet: \w/);
      for (const file of files) expect(names(file, id), `${file} names ${id}`).toBe(true);
    }
  });

  it("calls no case untested that the suite has", () => {
    const cited = new Set<string>(
      SECTIONS.flatMap(({ cases }) => cases.flatMap((it) => it.proves)),
    );
    const wrong = rows.filter(({ id, tested }) => cited.has(id) && tested.startsWith("not yet"));
    expect(wrong.map(({ id }) => `${id}: run npm run statements`)).toEqual([]);
  });
});

/** Whether a test file has the number of a case in a title, or in a case of its section. */
function names(file: string, id: string): boolean {
  if (basename(dirname(file)) === "sections") {
    const section = SECTIONS.find(({ name }) => `${name}.test.ts` === basename(file));
    return section?.cases.some(({ proves }) => (proves as readonly string[]).includes(id)) ?? false;
  }
  return readFileSync(join(notes, file), "utf8").includes(`[${id}]`);
}
