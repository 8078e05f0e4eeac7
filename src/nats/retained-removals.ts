import { JetStreamApiError, type JetStreamManager } from "@nats-io/jetstream";

/** Whoever follows the log and has not read for a tenth of that reads all of it again. */
export const REMOVAL_MS = 600_000;
/** Between two rounds, and how many may go in one. */
const ROUND_MS = 5_000;
const ROUND_MAX = 500;
const AT_ONCE = 20;
/** Those beyond are left to whoever reads the whole log next. */
const KNOWN_MAX = 100_000;

/** The part of the manager of JetStream that is needed here. */
export type RemovableStreams = Pick<JetStreamManager["streams"], "deleteMessage">;

/**
 * Records that say only that a topic has no retained message: they stand in the log until everybody must
 * have read them, then they go. Without that a log of topics that come and go would grow for ever.
 */
export class RetainedRemovals {
  readonly #streams: RemovableStreams;
  readonly #stream: string;
  readonly #nowMs: () => number;
  /** The oldest first: where each stands, and when it was known to be there. */
  readonly #known = new Map<number, number>();
  #isBusy = false;
  #timer: NodeJS.Timeout | undefined;
  /** How many this node has taken away. */
  taken = 0;

  constructor(
    streams: RemovableStreams,
    stream: string,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#streams = streams;
    this.#stream = stream;
    this.#nowMs = nowMs;
  }

  get count(): number {
    return this.#known.size;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.round(), ROUND_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** There is one, written by this node, or read when it began. */
  add(sequence: number): void {
    if (this.#known.size < KNOWN_MAX && !this.#known.has(sequence)) {
      this.#known.set(sequence, this.#nowMs());
    }
  }

  /** Takes away those that have stood there for long enough. */
  async round(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let gone = 0; gone < ROUND_MAX; gone += AT_ONCE) {
        const due = this.#due();
        if (due.length === 0) return;
        const results = await Promise.all(due.map((sequence) => this.#takeAway(sequence)));
        if (results.includes(false)) return; // NATS does not answer
      }
    } finally {
      this.#isBusy = false;
    }
  }

  #due(): number[] {
    const due: number[] = [];
    for (const [sequence, sinceMs] of this.#known) {
      if (due.length === AT_ONCE || this.#nowMs() - sinceMs < REMOVAL_MS) break;
      due.push(sequence);
    }
    return due;
  }

  /** @returns false: it is not known whether it is gone. */
  async #takeAway(sequence: number): Promise<boolean> {
    try {
      await this.#streams.deleteMessage(this.#stream, sequence, false);
      this.taken += 1;
    } catch (error) {
      // It was replaced, or another node was first.
      if (!(error instanceof JetStreamApiError)) return false;
    }
    this.#known.delete(sequence);
    return true;
  }
}
