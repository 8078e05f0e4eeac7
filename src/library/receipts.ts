import type { DeliveryOutcome, Receipt } from "../session/delivery.js";

/** What becomes of a message sent to one Client. [P12] */
export type SendOutcome =
  /** The receiver acknowledged it: PUBACK at QoS 1, PUBCOMP at QoS 2. */
  | "delivered"
  /** Handed to the receiver's connection; nothing more is known, or was asked. */
  | "sent"
  /** Kept for the receiver, who is offline or has much waiting. */
  | "queued"
  /** The receiver is offline or unknown, and it is not kept. */
  | "offline"
  /** `from` may not send to this Client. */
  | "denied"
  /** No acknowledgement within `timeoutMs`. It may still come. */
  | "timeout"
  /** Given up: a bound was reached, it grew too old, the Session or the broker ended. */
  | "dropped";

/** Waits for one receiver's acknowledgement, up to a time. */
export class PendingReceipt implements Receipt {
  readonly #pending: Set<PendingReceipt>;
  readonly #resolve: (outcome: SendOutcome) => void;
  readonly #atTimeout: () => SendOutcome;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param pending - Holds it as long as it waits.
   * @param atTimeout - What to say when the time is over.
   */
  constructor(
    pending: Set<PendingReceipt>,
    resolve: (outcome: SendOutcome) => void,
    atTimeout: () => SendOutcome,
  ) {
    this.#pending = pending;
    this.#resolve = resolve;
    this.#atTimeout = atTimeout;
    pending.add(this);
  }

  /** The time runs from now on. */
  start(timeoutMs: number): void {
    if (!this.#pending.has(this)) return; // settled already
    this.#timer = setTimeout(() => this.end(this.#atTimeout()), timeoutMs);
  }

  settle(outcome: DeliveryOutcome): void {
    this.end(outcome === "delivered" ? "delivered" : "dropped");
  }

  /** The first outcome counts. */
  end(outcome: SendOutcome): void {
    if (!this.#pending.delete(this)) return;
    clearTimeout(this.#timer);
    this.#resolve(outcome);
  }
}
