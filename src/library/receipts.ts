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
  | "dropped"
  /** The disk failed before the message was safe on it. It may arrive all the same. */
  | "store-failed";

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

const AT_ONCE = Promise.resolve();
const IGNORED = (): void => undefined;

/** Whether what was published is durable: told by the engine, asked for by whoever wants to know. */
export class Durable {
  #isTold = false;
  #failure: unknown;
  #settle: ((failure: unknown) => void) | undefined;

  /** @param failure - Why it may not be; `undefined` when it is. */
  tell(failure: unknown): void {
    this.#isTold = true;
    this.#failure = failure;
    this.#settle?.(failure);
  }

  /** A promise that nobody has to look at. Call it once. */
  promise(): Promise<void> {
    if (this.#isTold && this.#failure === undefined) return AT_ONCE;
    const promise = new Promise<void>((resolve, reject) => {
      this.#settle = (failure) => (failure === undefined ? resolve() : reject(failure));
      if (this.#isTold) this.#settle(this.#failure);
    });
    promise.catch(IGNORED);
    return promise;
  }
}
