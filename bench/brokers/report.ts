import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Chart, chartsOf } from "./charts.js";
import { figuresOf } from "./figures.js";
import { glanceOf, lossesOf } from "./glance.js";
import { recordsIn, type WorkloadRecord } from "./record.js";
import { goalText, remarksOf, spreadText, tableOf, verdictsOf } from "./tables.js";
import { REPORTED, WORKLOADS } from "./workloads.js";

/** Forgets what earlier runs have found: the next record is the first of a new report. */
export function forgetEarlier(folder: string): void {
  const file = join(folder, "brokers.json");
  if (existsSync(file)) rmSync(file);
}

/** Puts a record among those of earlier runs and draws the whole report anew. */
export function writeReport(folder: string, record: WorkloadRecord): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "brokers.json");
  const others = recordsIn(file)
    .filter(({ workload }) => workload.name !== record.workload.name)
    .map(withGoalsOfToday);
  const records = [...others, record].sort((a, b) => placeOf(a) - placeOf(b));
  writeFileSync(file, `${JSON.stringify(records, null, 1)}\n`);
  const charts = chartsOf(records);
  for (const { name, svg } of charts) writeFileSync(join(folder, name), svg);
  writeFileSync(join(folder, "brokers.md"), markdownOf(records, charts));
}

/** Goals may have moved since a workload was measured. */
function withGoalsOfToday(record: WorkloadRecord): WorkloadRecord {
  const now = WORKLOADS.find(({ name }) => name === record.workload.name);
  return now === undefined
    ? record
    : { ...record, workload: { ...record.workload, goals: now.goals } };
}

/** By kind, then in the order in which they run. */
function placeOf({ workload }: WorkloadRecord): number {
  const at = WORKLOADS.findIndex(({ name }) => name === workload.name);
  return REPORTED.indexOf(workload.kind) * WORKLOADS.length + at;
}

/** The report as Markdown. */
export function markdownOf(
  records: readonly WorkloadRecord[],
  charts: readonly Chart[] = chartsOf(records),
): string {
  const losses = lossesOf(records);
  const goals = goalsOf(records);
  const lines = [
    "# MQTT brokers compared",
    "",
    "Beeline beside Mosquitto, nats-server and Aedes: the same messages, on the same machine, in turns.",
    `${runsOf(records)} Medians of all rounds; the best of each row is in bold. What differs by less than a tenth is noise.`,
    "",
    ...charts.slice(0, 1).flatMap(pictureOf),
    ...glanceOf(records),
    ...(losses.length === 0
      ? []
      : [
          "## Where Beeline is not the best",
          "",
          "Every row above in which another server needs less, the widest gap first.",
          "",
          ...losses,
        ]),
    ...charts.slice(1).flatMap(pictureOf),
    ...HOW,
    ...serversOf(records),
    "## Every workload",
    "",
    "Medians, with the least and the most of all rounds in parentheses. Ratios are taken within a round: 0.25 is",
    "a quarter of what Mosquitto or Aedes needs. `generator's CPU` is the most that the load generator used of its",
    "core: near 100 %, messages a second and times show its limit, while the server's CPU time for each still holds.",
    "",
    ...records.flatMap(sectionOf),
    ...(goals.length === 0
      ? []
      : [
          "## Goals",
          "",
          "What we have set ourselves, and whether this run reached it.",
          "",
          ...goals,
        ]),
  ];
  return `${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}

const HOW = [
  "## How it was measured",
  "",
  "- **CPU time** is what the server used, user and system time of all its threads and children, divided by the",
  "  messages it delivered. It says how much a core can carry, and other work on the machine disturbs it least.",
  "- **Times** count from when a message was due to leave until it had arrived: waiting in the sender counts.",
  "- **In turns**: in a round every server runs the workload once, freshly started, one after the other; the order",
  "  moves on by one each round.",
  "- **Two cores**: the server on one, the load generator on the other, over the loopback interface. A network card",
  "  would cost all servers more. The generator counts every message: what is lost, repeated or out of order is found.",
  "- Payloads have 64 bytes unless the row says otherwise. *In flight* is how many messages of a publisher are under",
  "  way at most.",
  "- `npm run bench -- brokers` measures it again; `--help` says how to measure a part.",
  "",
];

/** "Measured on 2026-11-29 ..."; says so when the rows are of several runs. */
function runsOf(records: readonly WorkloadRecord[]): string {
  const dates = [...new Set(records.map(({ date }) => date))].sort();
  const ours = [...new Set(records.map(ourVersionIn))];
  const machines = [...new Set(records.map(({ machine }) => machine))];
  if (ours.length === 1) {
    return `Measured on ${dates.join(", ")} on ${machines.join("; ")}. Beeline ${ours[0]}.`;
  }
  return (
    `Measured from ${dates[0]} to ${dates.at(-1)} on ${machines.join("; ")}. ` +
    "Not all rows are of the same commit: below, each says its own."
  );
}

function pictureOf({ name, title }: Chart): string[] {
  return [`![${title}](${name})`, ""];
}

function sectionOf(record: WorkloadRecord): string[] {
  const rounds = record.contestants.reduce((most, { runs }) => Math.max(most, runs.length), 0);
  return [
    `### ${capital(record.workload.title)}`,
    "",
    tableOf(record),
    "",
    ...remarksOf(record).map((remark) => `- ${remark}`),
    `- \`${record.workload.name}\`: ${rounds} ${rounds === 1 ? "round" : "rounds"} of ${record.seconds} s, ${record.date}, Beeline ` +
      `${ourVersionIn(record)}, load of the machine ${record.load}: \`${record.command}\``,
    "",
  ];
}

/** Every goal, and whether it was reached. */
function goalsOf(records: readonly WorkloadRecord[]): string[] {
  const rows = records.flatMap((record) =>
    verdictsOf(record).map(({ goal, reached, spread }) => {
      const figures = figuresOf(record.workload.kind);
      const heading = figures.find(({ title }) => title === goal.figure)?.heading ?? goal.figure;
      return (
        `| ${record.workload.title} | ${goalText(goal, heading)} | ${spreadText(spread)} | ` +
        `${reached ? "reached" : "**missed**"} |`
      );
    }),
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

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
