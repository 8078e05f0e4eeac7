import type { Appended, HomeLog, Looked } from "../../src/replica/home-log.js";

/** What happens to the next append: each of these has been seen with real servers. */
export type Fate =
  | "stored"
  /** It is in the log, and the answer is lost. */
  | "stored-unanswered"
  /** It is lost on its way. */
  | "lost"
  /** No answer in time, and it comes into the log later, if it still may. */
  | "late"
  /** The leader is changing: it says no, and means nothing by it. */
  | "refused-for-now";

interface Call {
  readonly atMs: number;
  readonly call: () => void;
  /** Of a message on its way: it arrives whatever becomes of its sender. */
  readonly isNetwork: boolean;
}

/** A log in memory, in virtual time, that has bad days. */
export class FakeHomeLog implements HomeLog {
  readonly entries = new Map<number, Uint8Array>();
  first = 1;
  last = 0;
  entryBytesMax: number;
  /** Asked for each append; `stored` when it says nothing. */
  fateOf: () => Fate = () => "stored";
  /** Whether looks are answered. */
  isAnswering = true;
  nowMs = 0;
  #calls: Call[] = [];

  constructor(entryBytesMax = 1_000_000) {
    this.entryBytesMax = entryBytesMax;
  }

  readonly later = (delayMs: number, call: () => void): void => {
    this.#calls.push({ atMs: this.nowMs + delayMs, call, isNetwork: false });
  };

  /** Goes on until nothing is due any more, or so long. */
  run(forMs = Number.POSITIVE_INFINITY): void {
    const endMs = this.nowMs + forMs;
    for (let steps = 0; steps < 100_000; steps += 1) {
      const next = this.#calls.reduce((best, { atMs }, at) => {
        const than = this.#calls[best];
        return than === undefined || atMs < than.atMs ? at : best;
      }, 0);
      const due = this.#calls[next];
      if (due === undefined || due.atMs > endMs) {
        if (endMs < Number.POSITIVE_INFINITY) this.nowMs = endMs;
        return;
      }
      this.#calls.splice(next, 1);
      this.nowMs = Math.max(this.nowMs, due.atMs);
      due.call();
    }
    throw new Error("it never ends");
  }

  /** The process that asked is gone: nobody hears answers any more, but what it sent is on its way. */
  forgetCalls(): void {
    this.#calls = this.#calls.filter(({ isNetwork }) => isNetwork);
  }

  append(bytes: Uint8Array, expectedLast: number, done: (result: Appended) => void): void {
    const copy = bytes.slice();
    const fate = this.fateOf();
    this.later(1, () => {
      if (fate === "refused-for-now") done({ kind: "refused" });
      else if (fate === "stored") done(this.#take(copy, expectedLast));
      else {
        if (fate === "stored-unanswered") this.#take(copy, expectedLast);
        if (fate === "late") this.#arrives(700, copy, expectedLast);
        this.later(500, () => done({ kind: "unknown", why: "timeout" }));
      }
    });
  }

  look(sequence: number, done: (result: Looked) => void): void {
    this.later(1, () => {
      const bytes = this.entries.get(sequence);
      if (!this.isAnswering) done({ kind: "unknown", why: "timeout" });
      else if (bytes !== undefined) done({ kind: "entry", bytes });
      else done({ kind: "none", first: this.first, last: this.last });
    });
  }

  purgeBefore(sequence: number): void {
    for (let at = this.first; at < sequence; at += 1) this.entries.delete(at);
    this.first = Math.max(this.first, sequence);
  }

  #arrives(delayMs: number, bytes: Uint8Array, expectedLast: number): void {
    const call = (): void => void this.#take(bytes, expectedLast);
    this.#calls.push({ atMs: this.nowMs + delayMs, call, isNetwork: true });
  }

  #take(bytes: Uint8Array, expectedLast: number): Appended {
    if (expectedLast !== this.last) return { kind: "refused" };
    this.last += 1;
    this.entries.set(this.last, bytes);
    return { kind: "stored", sequence: this.last };
  }
}
