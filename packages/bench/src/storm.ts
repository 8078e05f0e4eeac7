import type { HistogramData } from "./histogram.js";
import type { BenchOptions } from "./options.js";
import type { Peer } from "./peer.js";
import { ReconnectStorm } from "./reconnect-storm.js";
import { RetainedStorm } from "./retained-storm.js";

/** What came of one storm: all of it was asked for at one moment. */
export interface StormRound {
  /** Connections or messages. */
  readonly count: number;
  /** Until the last of them was there. */
  readonly seconds: number;
  /** Microseconds from that moment until each was there. */
  readonly latency: HistogramData;
  /** Connections that had to be tried once more. */
  readonly retries: number;
}

/** Something that asks a broker for very much at one moment, again and again. */
export interface Storm {
  /** Brings about what the storms need. */
  prepare(): Promise<void>;
  /** @throws Error when not all of it came in time. */
  round(): Promise<StormRound>;
  /** Takes back what would outlive the run. */
  clear(): Promise<void>;
}

/**
 * The storm of a scenario; undefined where it has none.
 *
 * @param peers - The clients that are connected.
 */
export function stormOf(options: BenchOptions, peers: readonly Peer[]): Storm | undefined {
  if (options.scenario === "reconnect") return new ReconnectStorm(options, peers);
  if (options.scenario === "retained") return new RetainedStorm(options);
  return undefined;
}
