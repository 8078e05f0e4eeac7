import { describe, expect, it } from "vitest";
import { Histogram } from "../src/histogram.js";
import { faultsOf, warningsOf } from "../src/judgement.js";
import type { PhaseReport } from "../src/report.js";
import { benchOptions } from "../src/scenarios.js";

const CLEAN = {
  sent: 10,
  unsent: 0,
  delivered: 10,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  misdelivered: 0,
  foreign: 0,
  strayAcks: 0,
};

function phaseOf(change: Partial<PhaseReport>): PhaseReport {
  const none = new Histogram().percentiles();
  return {
    name: "measured",
    seconds: 1,
    sent: 10,
    delivered: 10,
    messagesPerSecond: 10,
    payloadBytesPerSecond: 640,
    latencyUs: none,
    acknowledgedUs: none,
    sendLateUs: none,
    generatorCpuPercent: [40, 60],
    serverCpuPercent: undefined,
    serverCpuUsPerMessage: undefined,
    serverResidentBytes: undefined,
    serverResidentBytesPeak: undefined,
    ...change,
  };
}

function lateBy(us: number): Partial<PhaseReport> {
  const histogram = new Histogram();
  histogram.record(us);
  return { sendLateUs: histogram.percentiles() };
}

const CLOSED = benchOptions("pairs", {});

describe("the judgement of a run", () => {
  it("finds nothing to warn of or to blame in a clean one", () => {
    expect(warningsOf(CLOSED, [phaseOf({})], CLEAN, true)).toEqual([]);
    expect(faultsOf(CLOSED, CLEAN, 0, [])).toEqual([]);
  });

  it("warns when any process of the generator was near its limit, unless it spins on purpose", () => {
    const busy = phaseOf({ generatorCpuPercent: [40, 90] });
    expect(warningsOf(CLOSED, [busy], CLEAN, true)).toEqual([
      expect.stringContaining("the generator used 90 % of a core"),
    ]);
    expect(warningsOf(benchOptions("latency", {}), [busy], CLEAN, true)).toEqual([]);
  });

  it("warns when the generator itself was late", () => {
    expect(warningsOf(CLOSED, [phaseOf(lateBy(1000))], CLEAN, true)).toEqual([]);
    expect(warningsOf(CLOSED, [phaseOf(lateBy(1001))], CLEAN, true)).toEqual([
      expect.stringContaining("1001 us late"),
    ]);
  });

  it("warns when the process it was to watch is not there", () => {
    const watched = benchOptions("pairs", { serverPid: 999_999 });
    expect(warningsOf(watched, [phaseOf({})], CLEAN, true)).toEqual([
      expect.stringContaining("no process 999999"),
    ]);
  });

  it("warns when frozen readers could not be filled, and of messages never sent", () => {
    const warnings = warningsOf(CLOSED, [], { ...CLEAN, unsent: 3 }, false);
    expect(warnings).toEqual([
      expect.stringContaining("did not take the --fill"),
      expect.stringContaining("3 messages were due and never sent"),
    ]);
  });

  it.each([
    [0, "lost", 0, 1],
    [1, "lost", 1, 0],
    [2, "lost", 1, 0],
    [0, "duplicated", 1, 0],
    [1, "duplicated", 0, 1],
    [2, "duplicated", 1, 0],
    [0, "reordered", 1, 0],
    [1, "misdelivered", 1, 0],
    [1, "foreign", 1, 0],
    [1, "strayAcks", 1, 0],
  ] as const)(
    "[§4.3] at QoS %i, one message %s: %i faults, %i warnings",
    (qos, what, blame, warn) => {
      const options = benchOptions("pairs", { qos });
      const accounting = { ...CLEAN, [what]: 1 };
      expect(faultsOf(options, accounting, 0, [])).toHaveLength(blame);
      expect(warningsOf(options, [], accounting, true)).toHaveLength(warn);
    },
  );

  it("blames lost connections, with the reasons", () => {
    expect(faultsOf(CLOSED, CLEAN, 2, ["a: gone", "b: gone"])).toEqual([
      "2 connections lost: a: gone; b: gone",
    ]);
  });
});
