/** Every window begins with so many messages, and never falls below. [M16] */
export const WINDOW_LEAST = 32;

/** How far a window may go, and how fast. */
export interface WindowLimits {
  /** No window grows above it. At least {@link WINDOW_LEAST}. */
  readonly inFlightCeiling: number;
  /** In ms: a Client that has acknowledged a whole window within it may have twice as much. */
  readonly windowGrowMs: number;
}

/**
 * How many messages one Client may have in flight, as long as nobody has said: twice as many each
 * time it has acknowledged a whole window quickly and took all it was sent; half as many for each such
 * time in which it is silent. So a fast Client far away is not held up by the round trip, and one that
 * stalls has little to be sent again. [M16]
 *
 * Two numbers beside the size. O(1).
 */
export class Window {
  size = WINDOW_LEAST;
  /** Acknowledged since the window was opened, or last changed. */
  #count = 0;
  /** When that was, in ms. */
  #sinceMs: number;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /**
   * One more message was acknowledged.
   *
   * @param progressMs - When the Client acknowledged something before this, or had nothing to.
   * @param isAllSent - Whether its transport has taken everything.
   */
  acknowledged(nowMs: number, progressMs: number, isAllSent: boolean, limits: WindowLimits): void {
    this.silent(nowMs, progressMs, limits);
    if (!isAllSent || nowMs - this.#sinceMs > limits.windowGrowMs) this.#turn(nowMs);
    this.#count += 1;
    if (this.#count < this.size) return;
    this.size = Math.min(this.size * 2, limits.inFlightCeiling);
    this.#turn(nowMs);
  }

  /**
   * Something waits, or has waited until now, for a Client with messages in flight: for each whole
   * `windowGrowMs` of silence the window is halved.
   *
   * @param progressMs - When the Client acknowledged something last, or had nothing to.
   */
  silent(nowMs: number, progressMs: number, { windowGrowMs }: WindowLimits): void {
    let fromMs = Math.max(progressMs, this.#sinceMs);
    while (nowMs - fromMs > windowGrowMs && this.size > WINDOW_LEAST) {
      fromMs += windowGrowMs;
      this.size = Math.max(WINDOW_LEAST, this.size >> 1);
      this.#turn(fromMs);
    }
  }

  #turn(nowMs: number): void {
    this.#count = 0;
    this.#sinceMs = nowMs;
  }
}
