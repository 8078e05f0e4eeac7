/** Buckets grow by this: what a quantile says is at most so much too large. */
const GROWTH = 1.1;
const FIRST_MS = 0.01;
const BUCKETS = 160; // the last begins at 38 s
const LOG_GROWTH = Math.log(GROWTH);

/** Two quantiles of the times that commits took, in ms. */
export interface CommitQuantiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How long commits to disk took since somebody asked. A time costs one logarithm, and no memory. */
export class CommitTimes {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  note(seconds: number): void {
    const bucket = Math.ceil(Math.log((seconds * 1_000) / FIRST_MS) / LOG_GROWTH);
    const index = Math.min(Math.max(bucket, 0), BUCKETS - 1); // no time at all: -Infinity
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total += 1;
  }

  /** Quantiles since the last call, each at most a tenth too large; `undefined`: there was no commit. */
  take(): CommitQuantiles | undefined {
    if (this.#total === 0) return undefined;
    const found = { p50Ms: this.#quantile(0.5), p99Ms: this.#quantile(0.99) };
    this.#counts.fill(0);
    this.#total = 0;
    return found;
  }

  #quantile(share: number): number {
    let left = Math.ceil(this.#total * share);
    let index = -1;
    while (left > 0) {
      index += 1;
      left -= this.#counts[index] ?? 0;
    }
    return FIRST_MS * GROWTH ** index;
  }
}
