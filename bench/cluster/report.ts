import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chartSvg } from "../brokers/chart.js";
import { type Spread, spreadOf } from "../brokers/statistics.js";
import type { Round } from "./measure.js";
import { ALONE, LOCAL, NODES_MAX, REMOTE, spreadName } from "./rows.js";

/** A row and its rounds, at least one. */
export interface Found {
  readonly name: string;
  readonly rounds: readonly Round[];
}

export interface Circumstances {
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly load: string;
  readonly versions: string;
  readonly rounds: number;
  readonly seconds: number;
}

/** Writes the report and its chart. */
export function writeReport(
  folder: string,
  found: readonly Found[],
  circumstances: Circumstances,
): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cluster.md"), markdownOf(found, circumstances));
  writeFileSync(join(folder, "cluster.svg"), chartOf(found));
}

/** The report as Markdown. */
export function markdownOf(found: readonly Found[], of: Circumstances): string {
  const lines = [
    "# What a cluster costs",
    "",
    "Made by `npm run bench -- cluster`. 50 pairs of clients, each with 20 messages of 64 bytes in flight; ours go to the",
    "receiver's address, those of the others by a subscription. **CPU a message** is that of all programs together: the nodes",
    "and the three NATS servers behind them, or the rival's. Publishers are at the first node. Everything runs on one machine,",
    "generator included: throughput says little here, the cost of a message much.",
    "",
    "![CPU time a message against the number of nodes](cluster.svg)",
    "",
    ...tablesOf(found),
    "",
    `Measured on ${of.date}, ${of.commit}: ${of.rounds} rounds in turns, ${of.seconds} s each; ${of.machine}; load ${of.load}; ${of.versions}. Middle value (least to most).`,
    "",
    "## Goals",
    "",
    ...goalsOf(found),
  ];
  return `${lines.join("\n")}\n`;
}

/** The tables alone. */
export function tablesOf(found: readonly Found[]): readonly string[] {
  return [
    "| messages | QoS 0: CPU a message | messages a second | p50 | p99 | QoS 1: CPU a message | messages a second | p50 | p99 |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ...found.map(({ name, rounds }) => {
      const cells = [rounds.map(({ qos0 }) => qos0), rounds.map(({ qos1 }) => qos1)].flatMap(
        (samples) => [
          ranged(samples.map(({ cpuUs }) => cpuUs)),
          counted(samples.map(({ messagesPerSecond }) => messagesPerSecond)),
          inMs(samples.map(({ p50Us }) => p50Us)),
          inMs(samples.map(({ p99Us }) => p99Us)),
        ],
      );
      return `| ${[name, ...cells].join(" | ")} |`;
    }),
    "",
    "| CONNECT | until CONNACK, p50 | p99 | all at once: accepted a second | CPU each |",
    "|---|--:|--:|--:|--:|",
    ...found.map(({ name, rounds }) => {
      const samples = rounds.map(({ connects }) => connects);
      const cells = [
        inMs(samples.map(({ p50Us }) => p50Us)),
        inMs(samples.map(({ p99Us }) => p99Us)),
        counted(samples.map(({ perSecond }) => perSecond)),
        `${counted(samples.map(({ cpuUs }) => cpuUs))} us`,
      ];
      return `| ${[name, ...cells].join(" | ")} |`;
    }),
  ];
}

function goalsOf(found: readonly Found[]): readonly string[] {
  const rounds = (name: string) => found.find((one) => one.name === name)?.rounds ?? [];
  const [alone, local, remote] = [rounds(ALONE), rounds(LOCAL), rounds(REMOTE)];
  const kept = alone.map(
    ({ qos1 }, at) => (local[at]?.qos1.messagesPerSecond ?? Number.NaN) / qos1.messagesPerSecond,
  );
  const waits = alone.map(
    ({ connects }, at) => ((remote[at]?.connects.p50Us ?? Number.NaN) - connects.p50Us) / 1_000,
  );
  return [
    "| what | goal | measured | |",
    "|---|--:|--:|---|",
    goal("throughput at one node with the cluster on, QoS 1, to one server", ">= 0.99", kept, 0.99),
    goal("us a message between two nodes, QoS 0", "<= 4", cpuOf(remote, "qos0"), -4),
    goal("us a message between two nodes, QoS 1", "<= 5", cpuOf(remote, "qos1"), -5),
    goal("ms of CONNECT, p50, above one server", "<= 3", waits, -3),
    goal("CONNECTs a second", ">= 2,000", perSecond(remote), 2_000),
  ];
}

/** @param bound - At least so much; below 0: at most its amount. */
function goal(what: string, text: string, values: readonly number[], bound: number): string {
  const { median, min, max } = spread(values);
  const isMet = bound < 0 ? median <= -bound : median >= bound;
  const digits = median >= 1_000 ? 0 : 2;
  const shown = [median, min, max].map((value) => value.toFixed(digits));
  const cells = [what, text, `${shown[0]} (${shown[1]} to ${shown[2]})`];
  return `| ${cells.join(" | ")} | ${isMet ? "reached" : "**missed**"} |`;
}

function cpuOf(rounds: readonly Round[], qos: "qos0" | "qos1"): readonly number[] {
  return rounds.map((round) => round[qos].cpuUs);
}

function perSecond(rounds: readonly Round[]): readonly number[] {
  return rounds.map(({ connects }) => connects.perSecond);
}

function chartOf(found: readonly Found[]): string {
  const groups = Array.from({ length: NODES_MAX }, (_, at) => {
    const rounds = found.find(({ name }) => name === spreadName(at + 1))?.rounds ?? [];
    const bars = (["qos0", "qos1"] as const).map((qos) => {
      const { median: value, min, max } = spread(cpuOf(rounds, qos));
      return { series: qos === "qos0" ? "QoS 0" : "QoS 1", value, min, max };
    });
    return { label: at === 0 ? "1 node" : `${at + 1} nodes`, bars };
  });
  return chartSvg({
    title: "A message in a cluster, receivers spread over its nodes",
    axis: "us of CPU a message, all nodes and NATS servers together (logarithmic): less is better",
    groups,
  });
}

function ranged(values: readonly number[]): string {
  const { median, min, max } = spread(values);
  return `${median.toFixed(2)} us (${min.toFixed(2)} to ${max.toFixed(2)})`;
}

function counted(values: readonly number[]): string {
  return Math.round(spread(values).median).toLocaleString("en");
}

function inMs(valuesUs: readonly number[]): string {
  return `${(spread(valuesUs).median / 1_000).toFixed(2)} ms`;
}

function spread(values: readonly number[]): Spread {
  return spreadOf(values) ?? { median: Number.NaN, min: Number.NaN, max: Number.NaN };
}
