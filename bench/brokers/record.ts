import { existsSync, readFileSync } from "node:fs";
import { figuresOf } from "./figures.js";
import type { Outcome } from "./generator.js";
import type { Contestant } from "./servers.js";
import type { Workload } from "./workloads.js";

/** What one run of one contestant came to. */
export interface RunRecord {
  /** By the figure's title; without those that the run did not yield. */
  readonly figures: Readonly<Record<string, number>>;
  /** Why the figures do not count, or why there are none. */
  readonly void: string | undefined;
  /** What to know about them. */
  readonly notes: readonly string[];
  /** Share of one core that the generator used. */
  readonly generatorPercent: number | undefined;
}

/** All rounds of one contestant at one workload. */
export interface ContestantRecord {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly settings: string;
  /** Why it did not take part; then there are no runs. */
  readonly absent: string | undefined;
  readonly runs: readonly RunRecord[];
}

/** One workload as it was measured; the report is drawn from these alone. */
export interface WorkloadRecord {
  readonly workload: Workload;
  readonly date: string;
  readonly machine: string;
  readonly load: string;
  readonly seconds: number;
  readonly command: string;
  readonly contestants: readonly ContestantRecord[];
}

/** Reads a run's figures off its report. */
export function runRecord(workload: Workload, outcome: Outcome): RunRecord {
  if ("failure" in outcome) {
    return { figures: {}, void: outcome.failure, notes: [], generatorPercent: undefined };
  }
  const { report } = outcome;
  const figures: Record<string, number> = {};
  for (const figure of figuresOf(workload.kind)) {
    const value = figure.of(report);
    if (value !== undefined && Number.isFinite(value)) figures[figure.title] = value;
  }
  const percents = report.phases.flatMap((phase) => phase.generatorCpuPercent);
  return {
    figures,
    void: report.faults.length > 0 ? report.faults.join("; ") : undefined,
    notes: report.accounting.lost > 0 ? [`${report.accounting.lost} messages lost`] : [],
    generatorPercent: percents.length > 0 ? Math.max(...percents) : undefined,
  };
}

/** A contestant's record, before its first round or for one that does not take part. */
export function contestantRecord(
  contestant: Contestant,
  workload: Workload,
  runs: readonly RunRecord[],
): ContestantRecord {
  const { name, title, version, settings, missing } = contestant;
  const absent = version === undefined ? missing : contestant.sitsOut(workload);
  return { name, title, version: version ?? "not installed", settings, absent, runs };
}

/** Records of earlier runs, so that one workload can be measured anew without the others. */
export function recordsIn(file: string): readonly WorkloadRecord[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as WorkloadRecord[]) : [];
}
