import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { fullTitle } from "../src/case.js";
import { connack } from "../src/packets.js";
import { runSections } from "../src/runner.js";
import { SECTIONS } from "../src/sections.js";
import { NOT_ON_THIS_WIRE, STATEMENTS } from "../src/statements.js";
import { ScriptedTarget } from "./scripted-target.js";

const cases = SECTIONS.flatMap((section) => section.cases);
const cited = (wanted: RegExp) =>
  new Set(cases.flatMap(({ proves }) => proves).filter((citation) => wanted.test(citation)));

/** How many bad inputs each group of the list has. */
const ATTACKS = { A: 22, B: 24, C: 16, D: 18, E: 20, F: 16, G: 16, I: 15 };

describe("the sections", () => {
  it("have names and titles that are told apart", () => {
    expect(new Set(SECTIONS.map(({ name }) => name)).size).toBe(SECTIONS.length);
    expect(new Set(cases.map(fullTitle)).size).toBe(cases.length);
  });

  it("are kept in the file that has their name", () => {
    for (const { name, title } of SECTIONS) {
      const url = new URL(`../src/sections/${name}.ts`, import.meta.url);
      expect(readFileSync(fileURLToPath(url), "utf8"), name).toContain(`title: "${title}"`);
    }
  });

  it("cite only what exists", () => {
    const known = new Set<string>([
      ...STATEMENTS.map(({ id }) => id),
      ...Array.from({ length: 7 }, (_, at) => `S${at + 1}`),
      ...Array.from({ length: 19 }, (_, at) => `P${at + 1}`),
      ...Array.from({ length: 29 }, (_, at) => `M${at + 1}`),
      ...Object.entries(ATTACKS).flatMap(([group, count]) =>
        Array.from({ length: count }, (_, at) => `${group}${`${at + 1}`.padStart(2, "0")}`),
      ),
    ]);
    expect([...cited(/^[^§]/)].filter((citation) => !known.has(citation))).toEqual([]);
    expect([...cited(/^§/)].filter((citation) => !/^§\d(\.\d+)*$/.test(citation))).toEqual([]);
  });

  it("prove every statement that binds a Server and shows on the wire, by a case of the standard", () => {
    const standard = cases.filter(({ ours }) => !ours);
    const unseen = STATEMENTS.filter(
      ({ id, bindsServer }) => bindsServer && !NOT_ON_THIS_WIRE.has(id),
    )
      .map(({ id }) => id)
      .filter((id) => !standard.some(({ proves }) => (proves as readonly string[]).includes(id)));
    expect(unseen).toEqual([]);
  });
});

describe("the cases can fail", () => {
  it("none passes a broker that accepts every CONNECT and is mute then", async () => {
    const mute = new ScriptedTarget({
      received: (bytes, events) => {
        if (bytes[0] === 0x10) events.received(connack(0));
      },
    });
    const results = await runSections(mute, SECTIONS, { concurrency: 1 });
    const passed = results.filter(({ outcome }) => outcome === "pass");
    expect(passed.map((result) => fullTitle(result.case))).toEqual([]);
  });

  it("a broker that hangs up on everything passes only where nothing but a close is due", async () => {
    const closing = new ScriptedTarget({ received: (_bytes, events) => events.closed() });
    const results = await runSections(closing, SECTIONS, { concurrency: 1 });
    const passed = results.filter(({ outcome }) => outcome === "pass");
    expect(passed.map((result) => fullTitle(result.case))).toEqual([]);
  });
});
