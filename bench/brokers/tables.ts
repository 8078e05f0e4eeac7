import { type Figure, figuresOf } from "./figures.js";
import type { ContestantRecord, RunRecord, WorkloadRecord } from "./record.js";
import { ratioSpread, type Spread, spreadOf } from "./statistics.js";
import type { Goal } from "./workloads.js";

const TITLES: Readonly<Record<string, string>> = {
  ours: "Beeline",
  "ours-net": "Beeline, Node's sockets",
  "ours-subscribed": "Beeline by subscription",
  "ours-durable": "durable Beeline",
  mosquitto: "Mosquitto",
  nats: "nats-server",
  aedes: "Aedes",
};

/** Whose figures the others are compared with. */
const REFERENCES = [
  ["mosquitto", "Mosquitto"],
  ["aedes", "Aedes"],
] as const;

/** There the generator waits for the time to send without sleeping: its CPU use says nothing. */
const OPEN_LOOP = ["latency", "slow-reader"];
/** What comes before the comma of a heading, or of CPU time its first word. */
const SHORT = /^(CPU|[^,]+)/;

/** The table of one workload, aligned, as Markdown. */
export function tableOf(record: WorkloadRecord): string {
  const figures = figuresOf(record.workload.kind);
  const compared = figures.filter((figure) => figure.compared);
  const references = REFERENCES.filter(([name]) => ran(record, name));
  const header = [
    "server",
    ...figures.map(({ heading }) => heading),
    ...compared.flatMap(({ heading }) =>
      references.map(([, name]) => `${SHORT.exec(heading)?.[0]}, ${name} = 1`),
    ),
    "generator's CPU",
  ];
  const rows = record.contestants
    .filter(({ absent }) => absent === undefined)
    .map((contestant) => [
      contestant.title,
      ...figures.map((figure) => cell(spreadOf(values(contestant, figure)), figure.digits)),
      ...compared.flatMap((figure) =>
        references.map(([name]) => ratioCell(record, contestant, name, figure)),
      ),
      OPEN_LOOP.includes(record.workload.kind) ? "spins" : generatorCell(contestant.runs),
    ]);
  return aligned([header, ...rows]);
}

/** Below the table: who is absent and why, what was void or lost. */
export function remarksOf(record: WorkloadRecord): readonly string[] {
  return record.contestants.flatMap(({ title, absent, runs }) => {
    if (absent !== undefined) return [`${title}: not run, ${absent}.`];
    const voids = runs.filter((run) => run.void !== undefined);
    const notes = new Set(runs.flatMap((run) => run.notes));
    return [
      ...(voids.length === 0
        ? []
        : [`${title}: ${voids.length} of ${runs.length} rounds void: ${voids[0]?.void}.`]),
      ...(notes.size === 0 ? [] : [`${title}: ${[...notes].join(", ")}.`]),
    ];
  });
}

/** A goal and how far it was reached. */
export interface Verdict {
  readonly goal: Goal;
  readonly reached: boolean;
  readonly spread: Spread;
}

/** The goals of a workload for which there are figures. */
export function verdictsOf(record: WorkloadRecord): readonly Verdict[] {
  return record.workload.goals.flatMap((goal) => {
    const { who, figure, rival, most } = goal;
    const spread =
      rival === undefined ? figureSpread(record, who, figure) : ratioTo(record, who, rival, figure);
    return spread === undefined ? [] : [{ goal, reached: spread.median <= most, spread }];
  });
}

/** "CPU µs per message, at most 0.1 of Mosquitto's". */
export function goalText({ who, rival, most }: Goal, heading: string): string {
  const shown = Number(most.toPrecision(3));
  const whose = who === "ours" ? "" : ` of ${TITLES[who] ?? who}`;
  if (rival === undefined) return `${heading}${whose}: at most ${shown.toLocaleString("en-US")}`;
  return `${heading}${whose}: at most ${shown} of ${TITLES[rival] ?? rival}'s`;
}

/** "0.096 (0.080-0.110)". */
export function spreadText({ median, min, max }: Spread): string {
  const [middle, least, most] = [median, min, max].map((value) =>
    Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 4 }),
  );
  return `${middle} (${least}-${most})`;
}

/** A contestant's figure relative to another's, round by round. */
export function ratioTo(
  record: WorkloadRecord,
  name: string,
  reference: string,
  figureTitle: string,
): Spread | undefined {
  const figure = figuresOf(record.workload.kind).find(({ title }) => title === figureTitle);
  const [one, other] = [name, reference].map((wanted) =>
    record.contestants.find((contestant) => contestant.name === wanted),
  );
  if (figure === undefined || one === undefined || other === undefined) return undefined;
  return ratioSpread(byRound(one, figure), byRound(other, figure));
}

/** A contestant's figure over all rounds that count. */
export function figureSpread(
  record: WorkloadRecord,
  name: string,
  figureTitle: string,
): Spread | undefined {
  const figure = figuresOf(record.workload.kind).find(({ title }) => title === figureTitle);
  const contestant = record.contestants.find((candidate) => candidate.name === name);
  if (figure === undefined || contestant === undefined) return undefined;
  return spreadOf(values(contestant, figure));
}

function ran(record: WorkloadRecord, name: string): boolean {
  return record.contestants.some(
    (contestant) => contestant.name === name && contestant.absent === undefined,
  );
}

function byRound({ runs }: ContestantRecord, { title }: Figure): (number | undefined)[] {
  return runs.map((run) => (run.void === undefined ? run.figures[title] : undefined));
}

function values(contestant: ContestantRecord, figure: Figure): number[] {
  return byRound(contestant, figure).filter((value) => value !== undefined);
}

function ratioCell(
  record: WorkloadRecord,
  { name }: ContestantRecord,
  reference: string,
  { title }: Figure,
): string {
  if (name === reference) return "1";
  return cell(ratioTo(record, name, reference, title), 2);
}

/** A number with so many digits behind the point, in groups of three before it. */
export function numberText(value: number, digits: number): string {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function cell(spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return "-";
  const shown = (value: number): string => numberText(value, digits);
  const [median, min, max] = [spread.median, spread.min, spread.max].map(shown);
  return min === max ? `${median}` : `${median} (${min}-${max})`;
}

function generatorCell(runs: readonly RunRecord[]): string {
  const percents = runs.flatMap((run) => run.generatorPercent ?? []);
  return percents.length === 0 ? "-" : `${Math.max(...percents).toFixed(0)} %`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const [header = []] = rows;
  const widths = header.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, at) => pad(text, widths[at] ?? 0, at)).join(" | ")} |`;
  const rule = `|${widths.map((width, at) => (at === 0 ? ` ${"-".repeat(width)} ` : ` ${"-".repeat(width)}:`)).join("|")}|`;
  return [line(header), rule, ...rows.slice(1).map(line)].join("\n");
}

/** Names to the left, numbers to the right. */
function pad(text: string, width: number, at: number): string {
  return at === 0 ? text.padEnd(width) : text.padStart(width);
}
