import { loadLine, machineLine } from "../brokers/machine.js";
import { ratioSpread, type Spread } from "../brokers/statistics.js";
import type { Filters } from "./crowd.js";
import { SERIES, type Series } from "./series.js";

/** CPU nanoseconds a message, by series: by crowd, by round. */
export type Results = ReadonlyMap<Series, readonly number[][]>;

/** The same over the rounds. */
export type Spreads = ReadonlyMap<Series, readonly (Spread | undefined)[]>;

/** Heap of a crowd, in bytes: without Subscriptions, and with one for each client. */
export interface Heaps {
  readonly size: number;
  readonly without: number;
  readonly with: Partial<Record<Filters, number>>;
}

/** How the figures came about, for the head of the report. */
export function headOf({ rounds, messages }: { rounds: number; messages: number }, date: string) {
  return [
    `${machineLine()}; load ${loadLine()}; ${date}.`,
    "",
    "One broker engine with so many connected clients, each with one Subscription of its own, over",
    "links that take everything at once: no sockets. From the bytes of one PUBLISH (QoS 0, 64 bytes)",
    "to the bytes on the receiver's link, one message a turn: no batching. CPU time of the process,",
    `all of its threads, garbage collection included; medians of ${rounds} rounds of ${count(messages)}`,
    "messages, each crowd in a process of its own, in turns, every other round the other way around;",
    "in brackets the least and the most. `one active`: all messages go to one client, whoever else is",
    "connected: what dispatching itself costs. `1,000 active`: receivers are drawn at random from",
    "1,000 clients that lie among all the others; their state is in the processor's cache as far as it",
    "holds it, and spread over more memory the more others there are. `all active`: they are drawn from",
    "all clients, so that from 100,000 on hardly anything about a receiver is in the cache, nor its",
    "topic among the 262,144 that the engine remembers; a message by Subscription is then matched anew.",
    "P2P looks at no Subscription: as many are there all the same. Every process has a young generation",
    "of 16 MiB, which V8 otherwise lets grow with the heap. `npm run bench -- dispatch` makes this anew.",
  ].join("\n");
}

/** A Markdown table: CPU nanoseconds a message, a row for each series, a column for each crowd. */
export function tableOf(sizes: readonly number[], spreads: Spreads): string {
  const head = ["CPU ns a message", ...sizes.map((size) => `${count(size)} clients`)];
  const rows = [...spreads].map(([{ title }, cells]) => [title, ...cells.map(spreadText)]);
  return table([head, ["---", ...sizes.map(() => "--:")], ...rows]);
}

/** What the largest crowd costs relative to a small one, round by round, and what is allowed. */
export function linesOf(sizes: readonly number[], results: Results): string {
  const largest = count(sizes.at(-1) ?? 0);
  const rows = SERIES.map((series) => {
    const rounds = results.get(series) ?? [];
    const small = rounds[sizes.indexOf(series.comparedWith)];
    const ratio = ratioSpread(rounds.at(-1) ?? [], small ?? []);
    const compared = `${largest} clients / ${count(series.comparedWith)}`;
    return [series.title, compared, spreadText(ratio), verdictOf(series, ratio)];
  });
  return table([["", "compared", "times", "goal"], ["---", "---", "--:", "---"], ...rows]);
}

/** What a Subscription of its own costs each client, and P2P does without. [S9] */
export function memoryOf(heaps: readonly Heaps[]): string {
  const rows = heaps
    .filter(({ size }) => size >= SIZE_MIN)
    .map(({ size, without, with: after }) => [
      count(size),
      (without / size).toFixed(0),
      ...[after.exact, after.wildcard].map((bytes) =>
        bytes === undefined ? "" : ((bytes - without) / size).toFixed(0),
      ),
    ]);
  return [
    "Bytes of heap a client after a collection, connection and Session, no socket; and what its",
    "Subscription takes on top of that: what point-to-point saves.",
    "",
    table([
      ["clients", "without a Subscription", "saved: exact filter", "saved: filter with a wildcard"],
      ["--:", "--:", "--:", "--:"],
      ...rows,
    ]),
  ].join("\n");
}

/** Below that, what the process needs anyway is more than its clients. */
const SIZE_MIN = 1_000;

function verdictOf({ goal }: Series, ratio: Spread | undefined): string {
  if (goal === undefined || ratio === undefined) return "";
  return `at most ${goal}: ${ratio.median <= goal ? "met" : "missed"}`;
}

function spreadText(spread: Spread | undefined): string {
  if (spread === undefined) return "-";
  const [median, min, max] = [spread.median, spread.min, spread.max].map(short);
  return `${median} (${min}-${max})`;
}

function short(value: number): string {
  return value >= 100 ? count(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
