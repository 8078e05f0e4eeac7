import type { Limits } from "../ports/limits.js";
import { MessageBytes } from "../session/message-bytes.js";
import type { Outbound } from "../session/outbound.js";

/** Why a message may not wait for a Client, or be on its way to it, in memory. */
type NoMemory = "memory-full" | "queues-full";

/**
 * Whether the process has memory left for more state, as the world around the engine has told last.
 * The other bounds add up to less, unless they are raised or the heap is small: this one holds
 * whatever they are. And what all messages together take that wait for Clients. [I12] [T7]
 */
export class Memory {
  /** What waits for all Clients, or is not acknowledged. */
  readonly messages = new MessageBytes();
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

  /** All that may wait for Clients in memory does. */
  get isFull(): boolean {
    return this.messages.used >= this.#limits.queueTotalBytesMax;
  }

  /**
   * Why a message may not wait in memory for a Client that has so much there already; `undefined`: it
   * may. Those with much there are told so first, and only they when it would be on its way at once.
   */
  refusal(outbound: Outbound, isOnItsWay: boolean): NoMemory | undefined {
    const { used } = this.messages;
    const { queueTotalBytesMax, memoryPercentMax } = this.#limits;
    const isNearlyFull = used >= queueTotalBytesMax * NEARLY_FULL;
    if (!this.#isTight && !isNearlyFull) return undefined;
    const { queuedBytes, queuedCount, inFlightBytes } = outbound;
    const hasMuch = queuedBytes + inFlightBytes >= MUCH_BYTES || queuedCount >= MUCH_MESSAGES;
    const isTooTight = hasMuch || (!isOnItsWay && this.#percent >= (memoryPercentMax + 100) / 2);
    if (this.#isTight && isTooTight) return "memory-full";
    const isTooFull = hasMuch || (!isOnItsWay && this.isFull);
    return isNearlyFull && isTooFull ? "queues-full" : undefined;
  }
}

/** Not at once, lest it swings between the two. */
const RELIEF_PERCENT = 5;
const MUCH_BYTES = 64 * 1024;
const MUCH_MESSAGES = 100;
/** From this share of the limit on, whoever has much waiting gets no more. */
const NEARLY_FULL = 0.75;
