import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  type AttackRecord,
  addToReport,
  FLOODS,
  markdownOf,
  merged,
} from "../../../bench/attacks/report.js";

const record: AttackRecord = {
  ...{ attack: "T1", server: "ours", serverTitle: "Beeline", version: "1", settings: "defaults" },
  ...{ date: "2026-11-29", machine: "a machine", load: "0.1", seconds: 10, scale: 1 },
  outcome: {
    name: "T1",
    title: "one publisher floods",
    canary: { p50Ms: 0.4, p99Ms: 1234, longestSilenceMs: 40, sent: 1000, lost: 3 },
    memory: { before: 80e6, peak: 1210e6, after: 95e6 },
    waits: { serverMs: 12, canaryMs: 3.4 },
    notes: { "messages sent": 12_345 },
    failings: [],
  },
  sigtermMs: 41,
  failure: undefined,
};
const other: AttackRecord = {
  ...record,
  ...{ server: "mosquitto", serverTitle: "Mosquitto", outcome: undefined, failure: "not there" },
};
const ORDER = ["ours", "mosquitto"];

it("has a row for each server", () => {
  const text = markdownOf([record, other]);
  expect(text).toContain("## T1: one publisher floods");
  expect(text).toContain(
    "| Beeline | 0.4 ms | 1,234 ms | 40 ms | 3 of 1000 | 80, 1,210, 95 MB | 41 ms | held |",
  );
  expect(text).toContain("| Mosquitto | | | | | | | not there |");
  expect(text).toContain(
    "- Beeline: 12,345 messages sent, waits for a CPU: server 12 ms, innocent pair 3.4 ms",
  );
  expect(text).toContain("| Mosquitto | 1 | defaults |");
});

it("says what did not hold, and that SIGTERM was not heard", () => {
  const failings = ["p99 over 50 ms", "2 messages of the canary lost"];
  const { outcome } = record;
  if (outcome === undefined) expect.fail();
  const text = markdownOf([{ ...record, outcome: { ...outcome, failings }, sigtermMs: undefined }]);
  expect(text).toContain("| > 10 s | **p99 over 50 ms; 2 messages of the canary lost** |");
});

it("keeps floods in a report of their own, which says what was set up", () => {
  const folder = mkdtempSync(join(tmpdir(), "floods-"));
  addToReport(folder, { ...record, attack: "I01" }, ORDER, FLOODS);
  expect(readFileSync(join(folder, "floods.md"), "utf8")).toContain("with a password file");
  expect(() => readFileSync(join(folder, "attacks.md"))).toThrow();
  rmSync(folder, { recursive: true });
});

it("keeps the doors of a flood apart, plain TCP first, and says which they are", () => {
  const flood = (attack: string, door: string): AttackRecord => ({ ...record, attack, door });
  const floods = [flood("I01", "tcp"), flood("I01-tls", "tls"), flood("I01-ws", "ws")];
  const last = flood("K11-wss", "wss");
  const all = [last, ...floods.toReversed()].reduce<readonly AttackRecord[]>(
    (known, one) => merged(known, one, ORDER),
    [],
  );
  expect(all).toEqual([...floods, last]);
  const text = markdownOf(all, FLOODS);
  expect(text).toContain("## I01-tls: ");
  for (const words of [
    "10 s, 2026",
    "10 s, over TLS, 2026",
    "10 s, over WebSockets and TLS, 2026",
  ]) {
    expect(text).toContain(words);
  }
});

it("replaces what was measured before, in the order of attacks and servers", () => {
  const second: AttackRecord = { ...record, attack: "T2" };
  const newer: AttackRecord = { ...record, load: "9" };
  const all = [second, other, record].reduce<readonly AttackRecord[]>(
    (known, one) => merged(known, one, ORDER),
    [],
  );
  expect(merged(all, newer, ORDER)).toEqual([newer, other, second]);
});

it("keeps the sizes of an attack apart, the smaller first, and says what they are", () => {
  const tenfold: AttackRecord = { ...record, attack: "T1x10", scale: 10 };
  const crowd: AttackRecord = { ...record, attack: "T1x100", scale: 18, crowd: 82_000 };
  const next: AttackRecord = { ...record, attack: "T2" };
  const all = [next, crowd, record, tenfold].reduce<readonly AttackRecord[]>(
    (known, one) => merged(known, one, ORDER),
    [],
  );
  expect(all).toEqual([record, tenfold, crowd, next]);
  const text = markdownOf(all);
  expect(text).toContain("10 s, all numbers times 10, 2026-11-29");
  expect(text).toContain("times 18, and 82,000 more receivers in the server's process");
});

it("writes figures and report", () => {
  const folder = mkdtempSync(join(tmpdir(), "attacks-"));
  addToReport(folder, other, ORDER);
  addToReport(folder, record, ORDER);
  const kept = JSON.parse(readFileSync(join(folder, "attacks.json"), "utf8")) as AttackRecord[];
  expect(kept.map(({ server }) => server)).toEqual(["ours", "mosquitto"]);
  expect(readFileSync(join(folder, "attacks.md"), "utf8")).toBe(markdownOf(kept));
  rmSync(folder, { recursive: true });
});
