/** Time, as the pace needs it. */
export interface PaceWorld {
  /** In ms, of a clock that never goes back. */
  nowMs(): number;
  after(ms: number, call: () => void): void;
}

/** So much may be used at once by whoever comes rarely: a search among 100,000 clients takes less. */
const CREDIT_MS_MAX = 100;

/**
 * How much of the process's time requests may take: clients of the broker share it, and must not
 * notice that somebody floods the API. What was used is paid back by the time that passes; whoever
 * comes before that waits, in order.
 */
export class Pace {
  readonly #share: number;
  readonly #world: PaceWorld;
  #creditMs = CREDIT_MS_MAX;
  #sinceMs: number;
  readonly #urgent: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  #isWatching = false;

  /** @param share - Of the time, 0 to 1 (excluded and included). */
  constructor(share: number, world: PaceWorld) {
    this.#share = share;
    this.#world = world;
    this.#sinceMs = world.nowMs();
  }

  /**
   * Resolves when a piece of work may begin; call {@link spent} when it has ended.
   *
   * @param isUrgent - Goes before all that are not.
   */
  turn(isUrgent = false): Promise<void> {
    this.#earn();
    if (this.#creditMs > 0 && !this.#isWatching) return DONE;
    return new Promise((resolve) => {
      (isUrgent ? this.#urgent : this.#waiting).push(resolve);
      this.#watch();
    });
  }

  /** @param ms - What a piece of work has taken. */
  spent(ms: number): void {
    this.#earn();
    this.#creditMs -= ms;
  }

  #earn(): void {
    const nowMs = this.#world.nowMs();
    const earnedMs = (nowMs - this.#sinceMs) * this.#share;
    this.#creditMs = Math.min(CREDIT_MS_MAX, this.#creditMs + earnedMs);
    this.#sinceMs = nowMs;
  }

  /** Lets one begin at a time, so that what it takes is known before the next one. */
  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#world.after(Math.max(0, Math.ceil(-this.#creditMs / this.#share)), () => {
      this.#isWatching = false;
      this.#earn();
      if (this.#creditMs > 0) (this.#urgent.shift() ?? this.#waiting.shift())?.();
      if (this.#urgent.length + this.#waiting.length > 0) this.#watch();
    });
  }
}

const DONE = Promise.resolve();
