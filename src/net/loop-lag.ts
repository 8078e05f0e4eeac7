/** How long the longest round of the last seconds counts, in ms. */
const WINDOW_MS = 1_000;

/**
 * How long the event loop is kept from its sockets: the longest round of work, or the delay of a timer,
 * of the present second and the one before.
 */
export class LoopLag {
  #sinceMs = 0;
  #previous = 0;
  #present = 0;

  /** In ms. */
  get longestMs(): number {
    return Math.max(this.#previous, this.#present);
  }

  /** So long nobody else was looked after. */
  note(ms: number, nowMs: number): void {
    if (nowMs - this.#sinceMs >= WINDOW_MS) {
      this.#previous = nowMs - this.#sinceMs < 2 * WINDOW_MS ? this.#present : 0;
      this.#present = 0;
      this.#sinceMs = nowMs;
    }
    if (ms > this.#present) this.#present = ms;
  }
}
