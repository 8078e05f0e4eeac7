import type { Policy } from "../../src/engine.js";
import { covers, overlap } from "../../src/topic/matches.js";

type Rights = NonNullable<ReturnType<NonNullable<Policy["rightsOf"]>>>;

/** One thing that one client may not do for a while. */
interface Bar {
  readonly fromMs: number;
  toMs: number;
}

/**
 * Who may do what on the topics below `u/`, and send to whom: it changes while the server runs. What is
 * barred, and when, is remembered for the oracle.
 */
export class SimRules {
  /** Topics that somebody was barred from at some time: nothing is owed there. */
  readonly touched = new Set<string>();
  readonly #clock: { readonly nowMs: number };
  readonly #bars = new Map<string, Bar[]>();

  constructor(clock: { readonly nowMs: number }) {
    this.#clock = clock;
  }

  /** What was allowed is barred from now on, or the other way round. */
  toggle(what: string): void {
    const bars = this.#bars.get(what) ?? [];
    this.#bars.set(what, bars);
    const last = bars.at(-1);
    this.touched.add(what.slice(what.lastIndexOf(" ") + 1));
    if (last?.toMs === Number.POSITIVE_INFINITY) last.toMs = this.#clock.nowMs;
    else bars.push({ fromMs: this.#clock.nowMs, toMs: Number.POSITIVE_INFINITY });
  }

  /** Everything is allowed again. */
  lift(): void {
    for (const what of this.#bars.keys()) if (this.isBarred(what)) this.toggle(what);
  }

  isBarred(what: string): boolean {
    return this.#bars.get(what)?.at(-1)?.toMs === Number.POSITIVE_INFINITY;
  }

  /** Whether it was barred all the time from one moment to another. */
  wasBarred(what: string, fromMs: number, toMs: number): boolean {
    return this.#bars.get(what)?.some((bar) => bar.fromMs < fromMs && bar.toMs > toMs) ?? false;
  }

  /** What a client may do now, and whenever it is asked again. */
  rightsOf(clientId: string, names: readonly string[]): Rights {
    const topics = names.map((name) => `u/${name}`);
    const mayReceive = (topicName: string): boolean =>
      !this.isBarred(receiving(clientId, topicName));
    return {
      mayPublish: (topicName, retain) =>
        !this.isBarred(publishing(topicName)) && !(retain && this.isBarred(retaining(topicName))),
      maySendTo: (to) => !this.isBarred(sending(clientId, to)),
      mayHaveReceipt: () => !this.isBarred(asking(clientId)),
      mayReceive,
      reachOf: (topicFilter) => {
        const barred = topics.filter((topicName) => !mayReceive(topicName));
        if (!barred.some((topicName) => overlap(topicName, topicFilter))) return "all";
        return barred.some((topicName) => covers(topicName, topicFilter)) ? "none" : "some";
      },
    };
  }
}

// What can be barred; the last word is a topic.
export const publishing = (topicName: string): string => `publish ${topicName}`;
export const retaining = (topicName: string): string => `retain ${topicName}`;
export const receiving = (clientId: string, topicName: string): string =>
  `receive ${clientId} ${topicName}`;
export const sending = (from: string, to: string): string => `send ${from} p/p2p/${to}`;
export const asking = (clientId: string): string => `receipt ${clientId}`;
