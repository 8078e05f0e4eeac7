import { nowUs, sleepMs } from "./clock.js";
import { Histogram } from "./histogram.js";
import type { BenchOptions } from "./options.js";
import type { Peer } from "./peer.js";
import type { Storm, StormRound } from "./storm.js";

/**
 * Every connection is gone at the same moment, without a DISCONNECT, and every client comes back at
 * once: a network that was away, or a broker behind a proxy that was restarted.
 */
export class ReconnectStorm implements Storm {
  readonly #options: BenchOptions;
  readonly #peers: readonly Peer[];

  constructor(options: BenchOptions, peers: readonly Peer[]) {
    this.#options = options;
    this.#peers = peers;
  }

  async prepare(): Promise<void> {} // they are connected

  async round(): Promise<StormRound> {
    const latency = new Histogram();
    const startUs = nowUs();
    for (const peer of this.#peers) peer.drop();
    const tries = await Promise.all(
      this.#peers.map(async (peer, at) => {
        const count = await this.#connected(peer, at, startUs);
        latency.record(Math.round(nowUs() - startUs));
        return count;
      }),
    );
    return {
      count: this.#peers.length,
      seconds: (nowUs() - startUs) / 1e6,
      latency: latency.data(),
      retries: tries.reduce((sum, count) => sum + count - 1, 0),
    };
  }

  async clear(): Promise<void> {} // nothing outlives a connection

  /** @returns at which try it was taken. */
  async #connected(peer: Peer, at: number, startUs: number): Promise<number> {
    const { sourceAddresses } = this.#options;
    const source = sourceAddresses[at % Math.max(1, sourceAddresses.length)];
    for (let tries = 1; ; tries += 1) {
      try {
        await peer.connect(this.#options, source);
        return tries;
      } catch (error) {
        if (nowUs() - startUs > COME_BACK_MS_MAX * 1000) throw error;
        await sleepMs(AGAIN_MS);
        peer.drop();
      }
    }
  }
}

/** Whoever was refused tries again so soon, and gives up after so long. */
const AGAIN_MS = 50;
const COME_BACK_MS_MAX = 30_000;
