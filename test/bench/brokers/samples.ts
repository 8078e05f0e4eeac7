import type { LoadReport } from "../../../bench/brokers/generator.js";
import type { ContestantRecord, RunRecord, WorkloadRecord } from "../../../bench/brokers/record.js";
import { WORKLOADS } from "../../../bench/brokers/workloads.js";

type Phase = LoadReport["phases"][number];

/** A measured phase of a made-up run. */
export function phase(change: Partial<Phase>): Phase {
  return {
    name: "measured",
    seconds: 1,
    messagesPerSecond: 1000,
    latencyUs: { count: 10, p50: 10, p99: 30, p999: 40, max: 50 },
    acknowledgedUs: { count: 10, p50: 0, p99: 0, p999: 0, max: 0 },
    sendLateUs: { count: 10, p50: 0, p99: 0, p999: 0, max: 0 },
    generatorCpuPercent: [40],
    serverResidentBytes: 2 * 1024 * 1024,
    ...change,
  };
}

/** Of one connection. */
export const OPENING: LoadReport["opening"] = {
  connections: 1,
  connectUs: { count: 1, p50: 10, p99: 10, p999: 10, max: 10 },
  connectsPerSecond: 1,
};

/** The generator's report of a made-up run. */
export function loadReport(change: Partial<LoadReport>): LoadReport {
  return {
    options: { count: 1, frozen: 0 },
    opening: OPENING,
    phases: [phase({})],
    accounting: { lost: 0, delivered: 1 },
    warnings: [],
    faults: [],
    ...change,
  };
}

/** A contestant whose rounds took so much CPU time per message; undefined is a void round. */
export function contestant(
  name: string,
  title: string,
  cpuUs: readonly (number | undefined)[],
): ContestantRecord {
  const runs = cpuUs.map((value): RunRecord => {
    const figures = { "CPU us/message": value ?? 99, "messages/s": 1234.5 };
    const reason = value === undefined ? "it lied" : undefined;
    return { figures, void: reason, notes: [], generatorPercent: 61.4 };
  });
  return { name, title, version: "1", settings: "defaults", absent: undefined, runs };
}

/** The record of 50 pairs, whose goal is 0.065 of Mosquitto's CPU time. */
export function pairsRecord(contestants: readonly ContestantRecord[]): WorkloadRecord {
  const workload = WORKLOADS.find(({ name }) => name === "pairs-50-w20-q0");
  if (workload === undefined) throw new Error("the sample's workload is gone");
  return {
    workload,
    date: "2025-01-02",
    machine: "a machine",
    load: "0.1, 0.2, 0.3",
    seconds: 3,
    command: "node packages/bench/dist/main.js pairs",
    contestants,
  };
}
