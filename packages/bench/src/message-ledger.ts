/** What became of the messages; every count of messages. */
export interface Accounting {
  readonly sent: number;
  /** Open loop: due, but never sent, because the broker took no more. */
  readonly unsent: number;
  readonly delivered: number;
  /** Due at a receiver and not there when the run ended. */
  readonly lost: number;
  readonly duplicated: number;
  /** Came after a later message of the same publisher. */
  readonly reordered: number;
  /** Came to a receiver they were not meant for. */
  readonly misdelivered: number;
  /** Not of this run, or not ours at all. */
  readonly foreign: number;
  /** Acknowledgements that nothing was waiting for, or that came out of order. [MQTT-4.6.0-2] */
  readonly strayAcks: number;
}

/**
 * Follows streams of counters 0, 1, 2, …, one stream for each publisher a receiver hears: what is
 * missing, twice there, or late. Costs a comparison while all is well.
 */
export class MessageLedger {
  readonly #expected: Uint32Array;
  readonly #missing = new Map<number, Set<number>>();
  #missingCount = 0;
  #trackedCount = 0;
  #duplicated = 0;
  #reordered = 0;

  constructor(streamCount: number) {
    this.#expected = new Uint32Array(streamCount);
  }

  get duplicated(): number {
    return this.#duplicated;
  }

  get reordered(): number {
    return this.#reordered;
  }

  /** How far the stream has come: the counter after the highest seen. */
  expected(stream: number): number {
    return this.#expected[stream] as number;
  }

  /**
   * Enters an arrived message.
   *
   * @returns By how many counters the stream moved on: 1 as a rule, more when messages were
   *   skipped (those count as missing until they come), 0 for a duplicate or a latecomer.
   */
  accept(stream: number, counter: number): number {
    const expected = this.#expected[stream] as number;
    if (counter < expected) {
      this.#late(stream, counter);
      return 0;
    }
    if (counter > expected) this.#skipped(stream, expected, counter);
    this.#expected[stream] = counter + 1;
    return counter + 1 - expected;
  }

  /**
   * Messages that are not there.
   *
   * @param sentOf - How many messages were sent into a stream.
   */
  lost(sentOf: (stream: number) => number): number {
    let lost = this.#missingCount;
    for (let stream = 0; stream < this.#expected.length; stream += 1) {
      lost += Math.max(0, sentOf(stream) - (this.#expected[stream] as number));
    }
    return lost;
  }

  #skipped(stream: number, from: number, to: number): void {
    this.#missingCount += to - from;
    let missing = this.#missing.get(stream);
    if (missing === undefined) {
      missing = new Set();
      this.#missing.set(stream, missing);
    }
    for (let counter = from; counter < to && this.#trackedCount < TRACKED_MAX; counter += 1) {
      missing.add(counter);
      this.#trackedCount += 1;
    }
  }

  #late(stream: number, counter: number): void {
    if (this.#missing.get(stream)?.delete(counter) === true) {
      this.#trackedCount -= 1;
      this.#missingCount -= 1;
      this.#reordered += 1;
    } else {
      this.#duplicated += 1;
    }
  }
}

/** Missing counters remembered one by one. A latecomer beyond them counts as a duplicate. */
const TRACKED_MAX = 1_000_000;
