import type { Limits } from "../ports/limits.js";

/**
 * Whether the process has memory left for more state, as the world around the engine has told last.
 * The other bounds add up to less, unless they are raised or the heap is small: this one holds
 * whatever they are. [I12] [T7]
 */
export class Memory {
  readonly #limits: Limits;
  #percent = 0;
  #isTight = false;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** So much is used now of what may be used. */
  note(percent: number): void {
    const { memoryPercentMax } = this.#limits;
    this.#percent = percent;
    if (percent >= memoryPercentMax) this.#isTight = memoryPercentMax < 100;
    else if (percent < memoryPercentMax - RELIEF_PERCENT) this.#isTight = false;
  }

  /** Nothing new is taken: no Session, no Subscription, no retained message. */
  get isTight(): boolean {
    return this.#isTight;
  }

  /**
   * Whether a queue in memory may grow: those that have much stop first, and half-way from the limit
   * to all there is, every one.
   *
   * @param queuedBytes - What waits in it.
   * @param queuedCount - How many messages.
   */
  mayQueue(queuedBytes: number, queuedCount: number): boolean {
    if (!this.#isTight) return true;
    if (this.#percent >= (this.#limits.memoryPercentMax + 100) / 2) return false;
    return queuedBytes < MUCH_BYTES && queuedCount < MUCH_MESSAGES;
  }
}

/** Not at once, lest it swings between the two. */
const RELIEF_PERCENT = 5;
const MUCH_BYTES = 64 * 1024;
const MUCH_MESSAGES = 100;
