import type { AttackOutcome, Memory } from "./run-attack.js";

/** What came of one attack, some lines. */
export function outcomeText({ name, title, notes, failings }: AttackOutcome): string {
  const done = Object.entries(notes).map(([words, count]) => `${grouped(count)} ${words}`);
  return [
    `${name}  ${title}`,
    ...(done.length > 0 ? [`    ${done.join(", ")}`] : []),
    `    ${failings.length === 0 ? "held" : failings.join("; ")}`,
  ].join("\n");
}

/** All of them side by side: the canary's times, the memory, the verdict. */
export function outcomeTable(outcomes: readonly AttackOutcome[]): string {
  const rows = outcomes.map((outcome) => [
    outcome.name,
    milliseconds(outcome.canary.p50Ms),
    milliseconds(outcome.canary.p99Ms),
    milliseconds(outcome.canary.longestSilenceMs),
    `${outcome.canary.lost} of ${outcome.canary.sent}`,
    memoryText(outcome.memory),
    outcome.sigtermMs === undefined ? "-" : milliseconds(outcome.sigtermMs),
    outcome.failings.length === 0 ? "yes" : "NO",
  ]);
  const all = [HEADINGS, ...rows];
  const widths = HEADINGS.map((_, at) => Math.max(...all.map((row) => (row[at] as string).length)));
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] as number))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** `0.4 ms`, `1,250 ms`. */
export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : grouped(ms)} ms`;
}

/** `80 > 210 > 95 MB`: before, at its peak, afterwards. */
export function memoryText(memory: Memory | undefined): string {
  if (memory === undefined) return "-";
  const { before, peak, after } = memory;
  const all = after === undefined ? [before, peak] : [before, peak, after];
  return `${all.map((bytes) => Math.round(bytes / 1e6)).join(" > ")} MB`;
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

const HEADINGS = [
  ...["attack", "canary p50", "p99", "longest silence", "lost"],
  ...["memory (before > peak > after)", "SIGTERM", "held"],
];
