import { nowUs, sleepMs } from "./clock.js";
import { Histogram } from "./histogram.js";
import type { Peer, Target } from "./peer.js";

/** How connections are opened. */
export interface OpeningPace {
  /** 0: as fast as they are accepted, {@link OPENING_AT_ONCE} at a time. */
  readonly perSecond: number;
  /** Used in turn; empty: the system chooses. */
  readonly sourceAddresses: readonly string[];
}

/** What opening took. */
export interface Opening {
  readonly seconds: number;
  /** Microseconds from when a connection was due to its CONNACK. */
  readonly latency: Histogram;
}

/**
 * Connects all peers, in order.
 *
 * @param targetOf - Where each connects to.
 * @throws Error of the first connection that failed; the others are given up.
 */
export async function openPeers(
  peers: readonly Peer[],
  targetOf: (peer: Peer) => Target,
  pace: OpeningPace,
): Promise<Opening> {
  const latency = new Histogram();
  const startUs = nowUs();
  const intervalUs = pace.perSecond === 0 ? 0 : 1e6 / pace.perSecond;
  await inParallel(peers, OPENING_AT_ONCE, async (peer, at) => {
    const dueUs = startUs + at * intervalUs;
    const aheadMs = (dueUs - nowUs()) / 1000;
    if (intervalUs > 0 && aheadMs > 0) await sleepMs(aheadMs);
    const fromUs = intervalUs > 0 ? dueUs : nowUs();
    const sources = pace.sourceAddresses;
    await peer.connect(
      targetOf(peer),
      sources.length === 0 ? undefined : sources[at % sources.length],
    );
    latency.record(Math.max(0, Math.round(nowUs() - fromUs)));
  });
  return { seconds: (nowUs() - startUs) / 1e6, latency };
}

/** Runs `task` for all items, at most `atOnce` at a time; stops at the first error and throws it. */
export async function inParallel<Item>(
  items: readonly Item[],
  atOnce: number,
  task: (item: Item, at: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const at = next;
      next += 1;
      try {
        await task(items[at] as Item, at);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = Array.from({ length: Math.min(atOnce, items.length) }, lane);
  const failure = (await Promise.allSettled(lanes)).find((lane) => lane.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}

/** Below the shortest accept queue among the usual brokers, so that no SYN is dropped. */
export const OPENING_AT_ONCE = 64;
