import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { canRun } from "../e2e/stock-server.js";
import { mosquittoSysTexts, ourSysTexts, type SysTexts, TRAFFIC } from "./collect.js";
import { namesOf, tableOf } from "./table.js";

/** What we tell and Mosquitto 2.0 does not. */
const OURS_ALONE = ["messages/inflight"];

describe.skipIf(!canRun("mosquitto", "-h"))("$SYS/broker", () => {
  let ours: SysTexts = new Map();
  let theirs: SysTexts = new Map();
  beforeAll(async () => {
    [ours, theirs] = await Promise.all([ourSysTexts(), mosquittoSysTexts()]);
  });

  it("has every name that Mosquitto has", () => {
    const [own, other] = [namesOf(ours), namesOf(theirs)];
    expect([...other].filter((name) => !own.has(name))).toEqual([]);
    expect([...own].filter((name) => !other.has(name))).toEqual(OURS_ALONE);
  });

  it("tells values of the same form", () => {
    const form = (text: string | undefined): string | undefined => text?.replace(/\d+/g, "0");
    for (const [topic, text] of theirs) {
      if (topic !== "$SYS/broker/version") expect(form(ours.get(topic)), topic).toBe(form(text));
    }
  });

  it("counts the same traffic alike", () => {
    for (const [topic, text] of Object.entries(TRAFFIC)) {
      expect([topic, ours.get(topic), theirs.get(topic)]).toEqual([topic, text, text]);
    }
  });

  it("is what spec-notes/sys-topics.md says: npm run sys-topics", () => {
    const written = readFileSync("spec-notes/sys-topics.md", "utf8");
    const [versions = ""] = /(?<=do\nnot edit\. ).*/.exec(written) ?? [];
    expect(written).toBe(tableOf(ours, theirs, versions));
  });
});
