/**
 * What the engine needs to hand one message to its receiver, addressed by its identifier or by its
 * Subscription, among more and more connected clients; and the memory that a Subscription takes.
 *
 * Run it with `npm run bench -- dispatch`; `--quick` takes a moment and means nothing, and writes
 * nothing. Otherwise the figures go to `bench/results/`: dispatch.md, dispatch.svg.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { spreadOf } from "./brokers/statistics.js";
import type { Filters } from "./dispatch/crowd.js";
import { CrowdProcess } from "./dispatch/crowd-process.js";
import { chartOf } from "./dispatch/line-chart.js";
import { type Heaps, headOf, linesOf, memoryOf, type Results, tableOf } from "./dispatch/report.js";
import { SERIES, type Series } from "./dispatch/series.js";

const isQuick = process.argv.includes("--quick");
const sizes = isQuick ? [1, 1_000] : [1, 1_000, 100_000, 1_000_000];
const effort = isQuick ? { rounds: 2, messages: 2_000 } : { rounds: 7, messages: 200_000 };

const crowds: CrowdProcess[] = [];
for (const size of sizes) crowds.push(await CrowdProcess.start(size));
const heaps: Heaps[] = crowds.map(({ size, heapBytes }) => ({
  size,
  without: heapBytes,
  with: {},
}));
const results: Results = new Map(SERIES.map((series) => [series, sizes.map((): number[] => [])]));
for (const filters of ["exact", "wildcard"] as const) await measureAll(filters);
for (const crowd of crowds) crowd.stop();

const spreads = new Map(
  [...results].map(([series, rounds]) => [series, rounds.map((round) => spreadOf(round))]),
);
const report = [
  "# Dispatch: point-to-point against publish/subscribe",
  headOf(effort, new Date().toISOString().slice(0, 10)),
  tableOf(sizes, spreads),
  "![CPU time to dispatch a message](dispatch.svg)",
  linesOf(sizes, results),
  "## Memory",
  memoryOf(heaps),
].join("\n\n");
console.log(`\n${report}\n`);
if (!isQuick) {
  mkdirSync("bench/results", { recursive: true });
  writeFileSync("bench/results/dispatch.md", `${report}\n`);
  writeFileSync("bench/results/dispatch.svg", chartOf(sizes, spreads));
}

/** All series of one kind of filter, over all crowds in turns; every other round backwards. */
async function measureAll(filters: Filters): Promise<void> {
  for (const [at, crowd] of crowds.entries()) {
    const heapBytes = await crowd.subscribe(filters);
    (heaps[at] as Heaps).with[filters] = heapBytes; // as many as crowds
  }
  const plan = SERIES.filter((series) => series.filters === filters).flatMap((series) =>
    crowds.map((_, at) => ({ series, at })),
  );
  for (const { series, at } of plan) await measure(series, at); // warms up
  for (let round = 0; round < effort.rounds; round++) {
    for (const { series, at } of round % 2 === 0 ? plan : plan.toReversed()) {
      results.get(series)?.[at]?.push(await measure(series, at));
    }
  }
}

function measure({ way, among }: Series, at: number): Promise<number> {
  return (crowds[at] as CrowdProcess).dispatch(way, among, effort.messages); // an index of crowds
}
