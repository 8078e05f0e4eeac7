import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Spread } from "../brokers/statistics.js";

/** One row as it was measured: watched to left alone. */
export interface OperationsRecord {
  readonly name: string;
  readonly unit: string;
  /** What the ratio may be at most. */
  readonly most: number;
  readonly ratio: Spread;
  readonly watched: Spread;
  readonly alone: Spread;
  readonly rounds: number;
  readonly seconds: number;
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
}

/** Puts records in the place of earlier ones of their names, and writes the whole report anew. */
export function writeReport(folder: string, records: readonly OperationsRecord[]): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "operations.json");
  const earlier: readonly OperationsRecord[] = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as OperationsRecord[])
    : [];
  const left = earlier.filter(({ name }) => records.every((record) => record.name !== name));
  const all = [...left, ...records].sort((one, other) => (one.name < other.name ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(all, null, 1)}\n`);
  writeFileSync(join(folder, "operations.md"), markdownOf(all));
}

/** The report as Markdown. */
export function markdownOf(records: readonly OperationsRecord[]): string {
  const lines = [
    "# What it costs to watch a server",
    "",
    "Made by `npm run bench -- operations`. **Cost**: CPU time of the server for each message with the log, metrics",
    "(read once a second), `$SYS` topics and presence on, to the same server with all of it off. **p99**: within which time 99",
    "of 100 messages are there while somebody floods the HTTP API, or pages through a list of clients, to the same",
    "server left alone. Both are measured in turns; a ratio is taken within each round, and its median counts. 1.03 is",
    "three percent more. `with 10 % of the time` is `--admin-work-percent-max 10`, the default: so much of the server's time",
    "requests may take, and the rest of them waits.",
    "",
    "| what | ratio | least to most | watched | left alone | goal | |",
    "|---|--:|--:|--:|--:|--:|---|",
    ...records.map(rowText),
    "",
    "| what | measured | commit | rounds | machine |",
    "|---|---|---|--:|---|",
    ...records.map(
      ({ name, date, commit, rounds, seconds, machine }) =>
        `| ${name} | ${date} | ${commit} | ${rounds} of ${seconds} s | ${machine} |`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** A row of the table. */
export function rowText({ name, unit, most, ratio, watched, alone }: OperationsRecord): string {
  const cells = [
    name,
    ratio.median.toFixed(3),
    `${ratio.min.toFixed(3)} to ${ratio.max.toFixed(3)}`,
    `${watched.median.toFixed(2)} ${unit}`,
    `${alone.median.toFixed(2)} ${unit}`,
    `${most.toFixed(2)}`,
    ratio.median <= most ? "reached" : "**missed**",
  ];
  return `| ${cells.join(" | ")} |`;
}
