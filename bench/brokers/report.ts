import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bar, type BarGroup, chartSvg } from "./chart.js";
import { recordsIn, type WorkloadRecord } from "./record.js";
import { figureSpread, goalText, remarksOf, spreadText, tableOf, verdictsOf } from "./tables.js";
import { WORKLOADS } from "./workloads.js";

/** Puts a record among those of earlier runs and draws the whole report anew. */
export function writeReport(folder: string, record: WorkloadRecord): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "brokers.json");
  const others = recordsIn(file).filter(({ workload }) => workload.name !== record.workload.name);
  const order = WORKLOADS.map(({ name }) => name);
  const place = ({ workload }: WorkloadRecord): number => order.indexOf(workload.name);
  const records = [...others, record].sort((a, b) => place(a) - place(b));
  writeFileSync(file, `${JSON.stringify(records, null, 1)}\n`);
  const charts = chartsOf(records);
  for (const { name, svg } of charts) writeFileSync(join(folder, name), svg);
  writeFileSync(join(folder, "brokers.md"), markdownOf(records, charts));
}

/** The report as Markdown. */
export function markdownOf(
  records: readonly WorkloadRecord[],
  charts: readonly { readonly name: string; readonly title: string }[],
): string {
  const lines = [
    "# MQTT brokers compared",
    "",
    "Made by `npm run bench -- brokers`, which says with `--help` how to measure a part of it. Each cell",
    "is the median of all rounds, with the least and the most in parentheses. In a round every server",
    "runs the workload once, started afresh, one after the other, in turns. Ratios are taken within a",
    "round; below 1 means that the server in the row needs less. CPU time is user and system time of",
    "the server and its children, per delivered message. `generator` is the most that the load",
    "generator used of its core: near 100 % the messages/s and latencies show its limit, while the",
    "server's CPU time per message still holds. Latency counts from when a message was due to leave.",
    "",
    ...summaryOf(records),
    ...charts.flatMap(({ name, title }) => [`![${title}](${name})`, ""]),
    ...serversOf(records),
  ];
  for (const record of records) {
    lines.push(
      `## ${record.workload.title}`,
      "",
      `\`${record.command}\`, ${record.contestants.reduce((most, { runs }) => Math.max(most, runs.length), 0)} rounds ` +
        `of ${record.seconds} s, ${record.date}. ${record.machine}; load ${record.load}. ` +
        `Beeline ${ourVersionIn(record)}.`,
      "",
      tableOf(record),
      "",
      ...remarksOf(record).map((remark) => `- ${remark}`),
      "",
    );
  }
  return `${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}

/** Every goal, and whether it was reached. */
function summaryOf(records: readonly WorkloadRecord[]): string[] {
  const rows = records.flatMap((record) =>
    verdictsOf(record).map(
      ({ goal, reached, spread }) =>
        `| ${record.workload.title} | ${goalText(goal)} | ${spreadText(spread)} | ` +
        `${reached ? "reached" : "**missed**"} |`,
    ),
  );
  if (rows.length === 0) return [];
  return ["| workload | goal | measured | |", "| --- | --- | --: | --- |", ...rows, ""];
}

/** Workloads may be measured at different times: all versions that were. */
function serversOf(records: readonly WorkloadRecord[]): string[] {
  const seen = new Map<string, { versions: Set<string>; settings: string }>();
  for (const { contestants } of records) {
    for (const { title, version, settings } of contestants) {
      const versions = seen.get(title)?.versions ?? new Set();
      seen.set(title, { versions: versions.add(version), settings });
    }
  }
  const rows = [...seen].map(
    ([title, { versions, settings }]) => `| ${title} | ${[...versions].join("; ")} | ${settings} |`,
  );
  return ["| server | version | settings |", "| --- | --- | --- |", ...rows, ""];
}

function ourVersionIn({ contestants }: WorkloadRecord): string {
  return contestants.find(({ name }) => name === "ours")?.version ?? "not measured";
}

function chartsOf(records: readonly WorkloadRecord[]) {
  const of = (...kinds: readonly string[]): readonly WorkloadRecord[] =>
    records.filter(({ workload }) => kinds.includes(workload.kind));
  return [
    chart(
      "brokers-cpu.svg",
      "Server CPU time per message",
      "CPU us/message",
      of("cpu", "matching"),
    ),
    chart("brokers-latency.svg", "Median latency at a fixed rate", "p50 us", of("latency")),
    chart("brokers-idle.svg", "Memory of an idle connection", "RSS B/connection", of("connect")),
    chart("brokers-slow-reader.svg", "p99 of the others", "p99 us frozen", of("slow-reader")),
  ].filter((made) => made !== undefined);
}

function chart(
  name: string,
  title: string,
  figureTitle: string,
  records: readonly WorkloadRecord[],
) {
  const groups: BarGroup[] = records
    .map((record) => ({ label: record.workload.title, bars: barsOf(record, figureTitle) }))
    .filter(({ bars }) => bars.length > 0);
  if (groups.length === 0) return undefined;
  const axis = `${figureTitle}, logarithmic: shorter is better; the line spans all rounds`;
  return { name, title, svg: chartSvg({ title, axis, series: TITLES, groups }) };
}

function barsOf(record: WorkloadRecord, figureTitle: string): Bar[] {
  return record.contestants.flatMap(({ name, title, absent }) => {
    if (absent !== undefined) return [];
    const spread = figureSpread(record, name, figureTitle);
    if (spread === undefined) {
      const share = figureSpread(record, name, "arrived %");
      const note = share === undefined ? "void" : `none: ${share.median.toFixed(0)} % arrived`;
      return [{ series: title, value: 0, min: 0, max: 0, note }];
    }
    return [{ series: title, value: spread.median, min: spread.min, max: spread.max }];
  });
}

/** Of all contestants, in the order of their colours. */
const TITLES = [
  "Beeline",
  "Beeline, subscribed",
  "Mosquitto",
  "nats-server",
  "Aedes",
  "Beeline, durable",
];
