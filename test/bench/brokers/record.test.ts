import { describe, expect, it } from "vitest";
import { contestantRecord, runRecord } from "../../../bench/brokers/record.js";
import type { Contestant } from "../../../bench/brokers/servers.js";
import { WORKLOADS, type Workload } from "../../../bench/brokers/workloads.js";
import { loadReport, OPENING, phase } from "./samples.js";

function workload(name: string): Workload {
  const found = WORKLOADS.find((candidate) => candidate.name === name);
  if (found === undefined) expect.fail(`no workload ${name}`);
  return found;
}

describe("the record of a run", () => {
  it("holds the figures of its kind of workload", () => {
    const report = loadReport({ phases: [phase({ serverCpuUsPerMessage: 1.5 })] });
    const { figures, void: reason } = runRecord(workload("pairs-50-w20-q0"), { report });
    expect(figures).toMatchObject({ "CPU us/message": 1.5, "messages/s": 1000, "p99 us": 30 });
    expect(figures["RSS MiB"]).toBe(2);
    expect(reason).toBeUndefined();
  });

  it("leaves out figures that the run did not yield", () => {
    const report = loadReport({
      phases: [phase({ latencyUs: { count: 0, p50: 0, p99: 0, p999: 0, max: 0 } })],
    });
    const { figures } = runRecord(workload("latency-5k-q0"), { report });
    expect(figures).not.toHaveProperty("p50 us");
    expect(figures).not.toHaveProperty("CPU us/message");
  });

  it("is void when the broker broke a promise, or nothing could be run", () => {
    const report = loadReport({ faults: ["3 messages out of order"] });
    expect(runRecord(workload("pairs-50-w20-q1"), { report }).void).toBe("3 messages out of order");
    const failed = runRecord(workload("pairs-50-w20-q1"), { failure: "no report: killed" });
    expect(failed).toMatchObject({ figures: {}, void: "no report: killed" });
  });

  it("notes lost messages", () => {
    const report = loadReport({ accounting: { lost: 7, delivered: 1 } });
    expect(runRecord(workload("pairs-50-w20-q0"), { report }).notes).toEqual(["7 messages lost"]);
  });

  it("shares out the memory of idle connections", () => {
    const opening = { ...OPENING, connections: 100, serverResidentBytesBefore: 1_000_000 };
    const idle = phase({ name: "idle", serverResidentBytes: 1_500_000 });
    const { figures } = runRecord(workload("idle-15k"), {
      report: loadReport({ opening, phases: [idle] }),
    });
    expect(figures["RSS B/connection"]).toBe(5000);
  });

  describe("of a slow-reader run", () => {
    /** One of three receivers is frozen; ten messages were due in each phase. */
    function slowReader(arrivedWhileFrozen: number) {
      const phases = [
        phase({ name: "before", latencyUs: { count: 20, p50: 1, p99: 100, p999: 1, max: 1 } }),
        phase({ name: "filling", serverResidentBytesPeak: 50 * 1024 * 1024 }),
        phase({
          name: "frozen",
          latencyUs: { count: arrivedWhileFrozen, p50: 1, p99: 125, p999: 1, max: 1 },
        }),
      ];
      const report = loadReport({ phases, options: { count: 3, frozen: 1 } });
      return runRecord(workload("slow-reader-1"), { report }).figures;
    }

    it("compares p99 before and after some readers froze", () => {
      expect(slowReader(20)).toMatchObject({
        "p99 us frozen": 125,
        "change %": 25,
        "arrived %": 100,
        "peak RSS MiB": 50,
      });
    });

    it("has no p99 when more than one in a hundred messages never arrived", () => {
      const figures = slowReader(19);
      expect(figures).toMatchObject({ "arrived %": 95 });
      expect(figures).not.toHaveProperty("p99 us frozen");
      expect(figures).not.toHaveProperty("change %");
    });
  });
});

describe("the record of a contestant", () => {
  const contestant: Contestant = {
    name: "x",
    title: "X",
    version: "1",
    missing: "x is not installed",
    settings: "",
    sitsOut: ({ qos }) => (qos === 2 ? "no QoS 2" : undefined),
    flags: () => [],
    start: () => Promise.reject(new Error("not started")),
  };

  it("says why it is absent: not installed, or not able", () => {
    const absent = (who: Contestant, name: string) =>
      contestantRecord(who, workload(name), []).absent;
    expect(absent({ ...contestant, version: undefined }, "pairs-50-w20-q0")).toBe(
      "x is not installed",
    );
    expect(absent(contestant, "pairs-50-w20-q2")).toBe("no QoS 2");
    expect(absent(contestant, "pairs-50-w20-q0")).toBeUndefined();
  });
});
