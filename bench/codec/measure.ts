import { Bench } from "tinybench";
import { ratioSpread, type Spread, spreadOf } from "../brokers/statistics.js";
import type { Run } from "./decoders.js";

/** One thing to be measured beside others. */
export interface Variant {
  readonly label: string;
  readonly run: Run;
  /** Packets that one run handles. */
  readonly packetCount: number;
}

/** CPU nanoseconds a packet of two variants, over the rounds. */
export interface Measured {
  readonly theirs: Spread;
  readonly ours: Spread;
  /** How many times the packets of the other that ours handles in a time, by round. */
  readonly ratio: Spread;
}

export interface Effort {
  readonly rounds: number;
  readonly milliseconds: number;
}

/**
 * Measures two variants in turns: a tinybench each per round, every other round the other way around.
 * Ratios are taken within rounds, so that what lasts longer than a round cancels out.
 */
export function measure(
  theirs: Variant,
  ours: Variant,
  { rounds, milliseconds }: Effort,
): Measured {
  const figures = { theirs: [] as number[], ours: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) figures.theirs.push(nanosecondsOf(theirs, milliseconds));
    figures.ours.push(nanosecondsOf(ours, milliseconds));
    if (round % 2 === 1) figures.theirs.push(nanosecondsOf(theirs, milliseconds));
  }
  return {
    theirs: defined(spreadOf(figures.theirs)),
    ours: defined(spreadOf(figures.ours)),
    ratio: defined(ratioSpread(figures.theirs, figures.ours)),
  };
}

/**
 * The mean over one tinybench of CPU time: a mean, because a median would leave out the collection
 * of the garbage that was made; of CPU time, because a mean of wall time would count the neighbours.
 */
function nanosecondsOf({ label, run, packetCount }: Variant, milliseconds: number): number {
  const laps = Math.max(1, Math.ceil(PACKETS_PER_SAMPLE_MIN / packetCount));
  const bench = new Bench({
    now: cpuMilliseconds,
    time: milliseconds,
    iterations: 8,
    warmupTime: milliseconds / 2,
    warmupIterations: 4,
  });
  bench.add(label, () => {
    for (let lap = 0; lap < laps; lap++) checksum = (checksum + run()) | 0;
  });
  globalThis.gc?.(); // what others have left behind is not this variant's
  bench.runSync();
  const result = bench.tasks[0]?.result;
  if (result === undefined || result.state !== "completed") {
    throw new Error(`${label} was not measured: ${result?.state ?? "no result"}`);
  }
  return (result.latency.mean * 1e6) / (packetCount * laps);
}

/** Reading the CPU time costs a microsecond: a sample takes fifty and more. */
const PACKETS_PER_SAMPLE_MIN = 5000;

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Keeps the compiler from dropping work whose result nobody asks for. */
let checksum = 0;

/** What all runs have added up to. */
export function checksumOfAll(): number {
  return checksum;
}

function defined(spread: Spread | undefined): Spread {
  if (spread === undefined) throw new Error("no rounds, no figures");
  return spread;
}
