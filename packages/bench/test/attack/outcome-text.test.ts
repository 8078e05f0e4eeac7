import { expect, it } from "vitest";
import { memoryText, outcomeTable, outcomeText } from "../../src/attack/outcome-text.js";
import type { AttackOutcome } from "../../src/attack/run-attack.js";

const held: AttackOutcome = {
  name: "T1",
  title: "one publisher floods",
  canary: { p50Ms: 0.42, p99Ms: 12, longestSilenceMs: 40, sent: 1000, lost: 0, cutOff: undefined },
  memory: { before: 80e6, peak: 210e6, after: 95e6 },
  waits: undefined,
  sigtermMs: undefined,
  notes: { "messages sent": 12_345 },
  failings: [],
};
const broken: AttackOutcome = {
  ...held,
  ...{ name: "T2", memory: undefined, sigtermMs: 2500, notes: {} },
  failings: ["p99 over 50 ms", "SIGTERM took 2500 ms"],
};

it("says what was done and whether the server held", () => {
  expect(outcomeText(held)).toBe("T1  one publisher floods\n    12,345 messages sent\n    held");
  expect(outcomeText(broken)).toBe(
    "T2  one publisher floods\n    p99 over 50 ms; SIGTERM took 2500 ms",
  );
});

it("puts all of them side by side", () => {
  expect(outcomeTable([held, broken]).split("\n")).toEqual([
    "attack  canary p50  p99    longest silence  lost       memory (before > peak > after)  SIGTERM   held",
    "T1      0.4 ms      12 ms  40 ms            0 of 1000  80 > 210 > 95 MB                -         yes",
    "T2      0.4 ms      12 ms  40 ms            0 of 1000  -                               2,500 ms  NO",
  ]);
});

it("has no memory afterwards of a server that was ended", () => {
  expect(memoryText({ before: 1e6, peak: 2e6, after: undefined })).toBe("1 > 2 MB");
});
