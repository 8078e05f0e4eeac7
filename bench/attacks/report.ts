import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the tool prints with `--json`, as far as the report needs it. */
export interface Outcome {
  readonly name: string;
  readonly title: string;
  readonly canary: {
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly longestSilenceMs: number;
    readonly sent: number;
    readonly lost: number;
  };
  readonly memory?: { readonly before: number; readonly peak: number; readonly after?: number };
  /** How long server and canary were ready to run and had no CPU, in all. */
  readonly waits?: { readonly serverMs: number; readonly canaryMs: number };
  readonly sigtermMs?: number;
  readonly notes: Readonly<Record<string, number>>;
  readonly failings: readonly string[];
}

/** One attack on one server. */
export interface AttackRecord {
  readonly attack: string;
  readonly server: string;
  readonly serverTitle: string;
  readonly version: string;
  readonly settings: string;
  readonly date: string;
  readonly machine: string;
  readonly load: string;
  readonly seconds: number;
  readonly scale: number;
  /** Receivers in the server's process besides. */
  readonly crowd?: number;
  /** What is spoken at the port that is attacked; undefined: plain TCP. */
  readonly door?: string;
  /** Undefined: it could not be attacked, and `failure` says why. */
  readonly outcome: Outcome | undefined;
  /** Of a second, short attack that ends with SIGTERM; undefined: not tried, or later than 10 s. */
  readonly sigtermMs: number | undefined;
  readonly failure: string | undefined;
}

/** A report: the name of its files, and what stands above its tables. */
export interface ReportKind {
  readonly name: string;
  readonly intro: readonly string[];
}

export const ATTACKS: ReportKind = {
  name: "attacks",
  intro: [
    "# What one client can do to all others",
    "",
    "Made by `npm run bench -- attacks`: each attack of `npm run attack` on each server, started afresh",
    "with its defaults. A pair of innocent clients exchanges a message every 10 ms meanwhile; p50, p99 and",
    "the longest silence are theirs. Memory is the server's resident memory before the attack, at its peak,",
    "and fifteen to twenty seconds after everything of it was gone. SIGTERM is the time until the process has ended",
    "when it is told to in the middle of the attack, in a second run. What did not hold is in the last",
    "column; how many messages an attacker got through is below each table, and how long the server and",
    "the process of the innocent pair had to wait for a CPU: that is the machine's doing, not the server's.",
  ],
};

export const FLOODS: ReportKind = {
  name: "floods",
  intro: [
    "# What peers that are never let in can do to those that are",
    "",
    "Made by `npm run bench -- attacks --only I01,I02,I03,K11,M02`, and with `-tls`, `-ws` or `-wss` behind the",
    "name through that door: each flood of `npm run attack` on each server, started afresh, with a password file and",
    "all four doors; defaults otherwise. The server may use both cores, whoever floods has one. A pair of innocent",
    "clients exchanges a message every 10 ms meanwhile, through the same door; p50, p99 and the longest silence are",
    "theirs, and the goal is a p99 below 50 ms. Those who flood come from an address of their own. Memory is the",
    "server's resident memory before the flood, at its peak, and fifteen to twenty seconds after everything of it was gone.",
    "SIGTERM is the time until the process has ended when it is told to in the middle of the flood, in a second run.",
    "What did not hold is in the last column. What is left of the same flood the second and the third time is in",
    "[floods-memory.md](floods-memory.md).",
  ],
};

/** Puts a record among those of earlier runs, and writes the whole report anew. */
export function addToReport(
  folder: string,
  record: AttackRecord,
  order: readonly string[],
  kind: ReportKind = ATTACKS,
): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${kind.name}.json`);
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as AttackRecord[]) : [];
  const records = merged(known, record, order);
  writeFileSync(file, `${JSON.stringify(records, null, 1)}\n`);
  writeFileSync(join(folder, `${kind.name}.md`), markdownOf(records, kind));
}

/** The records with one replaced or added, by attack, then by server in a given order. */
export function merged(
  known: readonly AttackRecord[],
  record: AttackRecord,
  order: readonly string[],
): AttackRecord[] {
  const others = known.filter((one) => keyOf(one) !== keyOf(record));
  const place = ({ attack, scale, crowd = 0, server }: AttackRecord): string =>
    [attack.split("x")[0], padded(scale * 1_000 + crowd), padded(order.indexOf(server))].join(" ");
  return [...others, record].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

function padded(number: number): string {
  return String(Math.round(number)).padStart(8, "0");
}

/** The report as Markdown. */
export function markdownOf(
  records: readonly AttackRecord[],
  { intro }: ReportKind = ATTACKS,
): string {
  const attacks = [...new Set(records.map(({ attack }) => attack))];
  const lines = [...intro, "", ...serversOf(records)];
  for (const attack of attacks)
    lines.push(...sectionOf(records.filter((r) => r.attack === attack)));
  return `${lines.join("\n").trimEnd()}\n`;
}

function serversOf(records: readonly AttackRecord[]): string[] {
  const seen = new Map<string, { versions: Set<string>; settings: string }>();
  for (const { serverTitle, version, settings } of records) {
    const versions = seen.get(serverTitle)?.versions ?? new Set();
    seen.set(serverTitle, { versions: versions.add(version), settings });
  }
  const rows = [...seen].map(
    ([title, { versions, settings }]) => `| ${title} | ${[...versions].join("; ")} | ${settings} |`,
  );
  return ["| server | version | settings |", "| --- | --- | --- |", ...rows, ""];
}

function sectionOf(records: readonly AttackRecord[]): string[] {
  const [first] = records;
  if (first === undefined) return [];
  const title = records.find(({ outcome }) => outcome !== undefined)?.outcome?.title ?? "";
  return [
    `## ${first.attack}: ${title}`,
    "",
    `${first.seconds} s${throughOf(first)}${sizeOf(first)}, ${first.date}. ${first.machine}; load ${first.load}.`,
    "",
    "| server | p50 | p99 | longest silence | lost | memory: before, peak, after | SIGTERM | |",
    "| --- | --: | --: | --: | --: | --: | --: | --- |",
    ...records.map(rowOf),
    "",
    ...records.flatMap(noteOf),
    "",
  ];
}

const WORDS: Readonly<Record<string, string>> = {
  tls: "TLS",
  ws: "WebSockets",
  wss: "WebSockets and TLS",
};

function throughOf({ door = "tcp" }: AttackRecord): string {
  return WORDS[door] === undefined ? "" : `, over ${WORDS[door]}`;
}

function sizeOf({ scale, crowd = 0 }: AttackRecord): string {
  const times = scale === 1 ? "" : `, all numbers times ${scale}`;
  const own = `, and ${grouped(crowd)} more receivers in the server's process, without sockets`;
  return crowd === 0 ? times : `${times}${own}`;
}

function rowOf({ serverTitle, outcome, sigtermMs, failure }: AttackRecord): string {
  if (outcome === undefined) return `| ${serverTitle} | | | | | | | ${failure ?? "not attacked"} |`;
  const { canary, memory, failings } = outcome;
  const sizes = memory === undefined ? [] : [memory.before, memory.peak, memory.after];
  const late = sigtermMs === undefined ? "> 10 s" : milliseconds(sigtermMs);
  const verdict = failings.length === 0 ? "held" : `**${failings.join("; ")}**`;
  return (
    `| ${serverTitle} | ${milliseconds(canary.p50Ms)} | ${milliseconds(canary.p99Ms)} | ` +
    `${milliseconds(canary.longestSilenceMs)} | ${canary.lost} of ${canary.sent} | ` +
    `${sizes.map((bytes) => (bytes === undefined ? "-" : megabytes(bytes))).join(", ")} MB | ` +
    `${late} | ${verdict} |`
  );
}

function noteOf({ serverTitle, outcome }: AttackRecord): string[] {
  const { notes = {}, waits } = outcome ?? {};
  const done = Object.entries(notes).map(([words, n]) => `${grouped(n)} ${words}`);
  if (waits !== undefined) {
    const [server, canary] = [milliseconds(waits.serverMs), milliseconds(waits.canaryMs)];
    done.push(`waits for a CPU: server ${server}, innocent pair ${canary}`);
  }
  return done.length === 0 ? [] : [`- ${serverTitle}: ${done.join(", ")}`];
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : grouped(ms)} ms`;
}

function megabytes(bytes: number): string {
  return grouped(bytes / 1e6);
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function keyOf({ attack, server }: AttackRecord): string {
  return `${attack} ${server}`;
}
