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

export interface Measured {
  readonly label: string;
  /** Nanoseconds a packet, over the rounds. */
  readonly nanoseconds: Spread;
  /** How many times the packets of the first variant per time, by round. */
  readonly ratio: Spread;
}

export interface Effort {
  readonly rounds: number;
  readonly milliseconds: number;
}

/**
 * Measures variants in turns: one tinybench each per round, every other round the other way around.
 * A round's figure is the median of its samples, which a neighbour's burst does not reach; ratios
 * are taken within rounds, so that what lasts longer than a round cancels out.
 */
export function measure(
  variants: readonly Variant[],
  { rounds, milliseconds }: Effort,
): Measured[] {
  const figures = variants.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    const order = variants.map((_, index) => index);
    if (round % 2 === 1) order.reverse();
    for (const index of order) {
      const variant = variants[index] as Variant; // an index of variants
      figures[index]?.push(nanosecondsOf(variant, milliseconds));
    }
  }
  return variants.map(({ label }, index) => ({
    label,
    nanoseconds: defined(spreadOf(figures[index] ?? [])),
    ratio: defined(ratioSpread(figures[0] ?? [], figures[index] ?? [])),
  }));
}

function nanosecondsOf({ label, run, packetCount }: Variant, milliseconds: number): number {
  const bench = new Bench({
    time: milliseconds,
    iterations: 8,
    warmupTime: milliseconds / 2,
    warmupIterations: 4,
    retainSamples: true,
  });
  bench.add(label, () => {
    checksum = (checksum + run()) | 0;
  });
  bench.runSync();
  const result = bench.tasks[0]?.result;
  if (result === undefined || result.state !== "completed") {
    throw new Error(`${label} was not measured: ${result?.state ?? "no result"}`);
  }
  return (result.latency.p50 * 1e6) / packetCount;
}

/** Keeps the compiler from dropping work whose result nobody asks for. */
let checksum = 0;

/** What all runs have added up to, to be printed. */
export function checksumOfAll(): number {
  return checksum;
}

function defined(spread: Spread | undefined): Spread {
  if (spread === undefined) throw new Error("no rounds, no figures");
  return spread;
}
