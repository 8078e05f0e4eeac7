import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chartSvg } from "../brokers/chart.js";
import { ratioSpread, type Spread, spreadOf } from "../brokers/statistics.js";
import type { Contestant, ContestantName } from "./contestants.js";
import { type Run, WORKLOAD } from "./run.js";

/** Everything that was measured. */
export interface Results {
  readonly machine: string;
  readonly loads: string;
  readonly date: string;
  readonly seconds: number;
  readonly contestants: readonly Contestant[];
  readonly runs: ReadonlyMap<ContestantName, readonly Run[]>;
  /** Acknowledged messages that were gone after kill -9, of 1,000. */
  readonly lost: ReadonlyMap<ContestantName, number>;
}

/** Columns and their decimals. */
const COLUMNS = [
  ["messages/s", 0],
  ["CPU us/message", 2],
  ["PUBACK p50 us", 0],
  ["PUBACK p99 us", 0],
  ["records/commit", 0],
  ["turns/commit", 0],
  ["records/message", 2],
  ["generator %", 0],
] as const;

interface Goal {
  readonly text: string;
  readonly figure: string;
  readonly of: ContestantName;
  readonly to: ContestantName;
  readonly least?: number;
  readonly most?: number;
}

const GOALS: readonly Goal[] = [
  {
    text: "sync reaches at least 0.6 of the messages/s in memory",
    figure: "messages/s",
    of: "sync",
    to: "memory",
    least: 0.6,
  },
  {
    text: "sync needs at most 0.2 of Mosquitto's CPU per message",
    figure: "CPU us/message",
    of: "sync",
    to: "mosquitto",
    most: 0.2,
  },
];

/** The table and what it says, as Markdown. */
export function tableOf(results: Results): string {
  const head = ["server", ...COLUMNS.map(([title]) => title), "lost by kill -9"];
  const rows = results.contestants.map(({ name, title }) => {
    const cells = COLUMNS.map(([column, digits]) => cell(valuesOf(results, name, column), digits));
    const lost = results.lost.get(name);
    return [title, ...cells, lost === undefined ? "-" : `${lost} of 1,000`];
  });
  const lines = [head, head.map((_, at) => (at === 0 ? "---" : "--:")), ...rows];
  return lines.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Every ratio with its spread over the rounds, and whether the goal is reached. */
export function verdictsOf(results: Results): readonly string[] {
  return GOALS.map((goal) => {
    const ratio = ratioSpread(
      byRound(results, goal.of, goal.figure),
      byRound(results, goal.to, goal.figure),
    );
    if (ratio === undefined) return `${goal.text}: not measured`;
    const reached = ratio.median >= (goal.least ?? 0) && ratio.median <= (goal.most ?? Infinity);
    return `${goal.text}: ${reached ? "reached" : "**missed**"}, ${text(ratio, 3)}`;
  });
}

/** What was void, one line each. */
export function voidsOf({ contestants, runs }: Results): readonly string[] {
  return contestants.flatMap(({ name, title, version }) => {
    if (version === undefined) return [`${title}: not installed`];
    const voids = (runs.get(name) ?? []).flatMap((run) => ("void" in run ? [run.void] : []));
    return voids.length === 0 ? [] : [`${title}: ${voids.length} rounds void: ${voids[0]}`];
  });
}

/** Writes `store.md` and its chart. */
export function writeReport(folder: string, results: Results): void {
  mkdirSync(folder, { recursive: true });
  const rounds = Math.max(...[...results.runs.values()].map((runs) => runs.length));
  const lines = [
    "# What durability costs",
    "",
    "Made by `npm run bench -- store`. 50 publishers, each to its own receiver at QoS 1, 64 B, 20 in",
    "flight, receivers with Clean Session 0. Ours are addressed directly, Mosquitto's subscribe. In a",
    "round every server runs once, started afresh, in turns; a cell is the median of all rounds, with",
    "the least and the most in parentheses, a ratio is taken within a round. CPU is user and system",
    "time of the server with all its threads, per delivered message. `PUBACK` is the time from when a",
    "message left its publisher until it was acknowledged there. `records/message` counts what was put",
    "and removed on the disk: 0 is possible, because a message that its receiver has acknowledged",
    "before the commit needs none, and 2 is the most. `lost by kill -9`: 1,000 messages at QoS 1 to a",
    "receiver that is away, all acknowledged, then kill -9 and a restart.",
    "",
    `\`${WORKLOAD.join(" ")}\`, ${rounds} rounds of ${results.seconds} s, ${results.date}.`,
    `${results.machine}; load ${results.loads}.`,
    "",
    tableOf(results),
    "",
    ...verdictsOf(results).map((verdict) => `- ${verdict}`),
    ...voidsOf(results).map((line) => `- ${line}`),
    "",
    "![CPU per message](store.svg)",
    "",
    "| server | version | settings |",
    "| --- | --- | --- |",
    ...results.contestants.map(
      ({ title, version, settings }) => `| ${title} | ${version ?? "-"} | ${settings} |`,
    ),
    "",
  ];
  writeFileSync(join(folder, "store.md"), lines.join("\n"));
  writeFileSync(join(folder, "store.svg"), chartOf(results));
}

function chartOf(results: Results): string {
  const groups = ["CPU us/message", "PUBACK p50 us", "PUBACK p99 us"].map((figure) => ({
    label: figure,
    bars: results.contestants.flatMap(({ name, title }) => {
      const spread = spreadOf(valuesOf(results, name, figure));
      if (spread === undefined) return [];
      return [{ series: title, value: spread.median, min: spread.min, max: spread.max }];
    }),
  }));
  const axis = "microseconds, logarithmic: shorter is better; the line spans all rounds";
  return chartSvg({ title: "What durability costs", axis, groups });
}

function byRound({ runs }: Results, name: ContestantName, figure: string) {
  return (runs.get(name) ?? []).map((run) => ("void" in run ? undefined : run.figures[figure]));
}

function valuesOf(results: Results, name: ContestantName, figure: string): number[] {
  return byRound(results, name, figure).filter((value) => value !== undefined);
}

function cell(values: readonly number[], digits: number): string {
  const spread = spreadOf(values);
  return spread === undefined ? "-" : text(spread, digits);
}

function text({ median, min, max }: Spread, digits: number): string {
  const [middle, least, most] = [median, min, max].map((value) =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
  return `${middle} (${least}-${most})`;
}
