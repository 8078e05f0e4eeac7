/**
 * Leaves something alone that fails again and again: after some failures in a row nobody tries for a
 * while, and then one at a time until one succeeds.
 */
export class CircuitBreaker {
  readonly #failuresMax: number;
  readonly #pauseMs: number;
  readonly #nowMs: () => number;
  #failures = 0;
  /** When the next one may try; only where {@link #failures} is at its limit. */
  #againMs = 0;
  #isTrying = false;

  constructor(failuresMax: number, pauseMs: number, nowMs: () => number) {
    this.#failuresMax = failuresMax;
    this.#pauseMs = pauseMs;
    this.#nowMs = nowMs;
  }

  /** Whether {@link begin} would say yes. */
  get mayTry(): boolean {
    if (this.#failures < this.#failuresMax) return true;
    return !this.#isTrying && this.#nowMs() >= this.#againMs;
  }

  /** @returns whether it may be tried: then {@link succeeded} or {@link failed} is called. */
  begin(): boolean {
    const may = this.mayTry;
    if (may && this.#failures >= this.#failuresMax) this.#isTrying = true;
    return may;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#isTrying = false;
  }

  failed(): void {
    this.#failures += 1;
    this.#isTrying = false;
    this.#againMs = this.#nowMs() + this.#pauseMs;
  }
}
