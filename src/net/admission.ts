import type { Socket } from "node:net";
import type { TurnAwayReason } from "../ports/reasons.js";
import { AddressBook } from "./address-book.js";
import { nowMs } from "./clock.js";
import { addressKey, isLocalAddress } from "./peer-address.js";

/** What a listener may have bounds of its own for. */
export interface ListenerBounds {
  readonly connectionsMax?: number | undefined;
  readonly connectionsPerAddressMax?: number | undefined;
  readonly connectsPerSecondMax?: number | undefined;
}

/**
 * Who may open one more connection at one listener. Peers on this machine are counted by the
 * listener's own bound for all alone: a proxy or a bridge beside the broker speaks for many.
 */
export class Admission {
  readonly #connectionsMax: number;
  /** That of all listeners, and this one's own if it has bounds of its own. */
  readonly #books: readonly AddressBook[];
  #connections = 0;

  /** @param shared - Of all listeners, with the bounds for them together. */
  constructor(shared: AddressBook, own: ListenerBounds) {
    const { connectionsMax, connectionsPerAddressMax, connectsPerSecondMax } = own;
    this.#connectionsMax = connectionsMax ?? Number.POSITIVE_INFINITY;
    const hasOwn = connectionsPerAddressMax !== undefined || connectsPerSecondMax !== undefined;
    const bounds = {
      connectionsPerAddressMax: connectionsPerAddressMax ?? Number.POSITIVE_INFINITY,
      connectsPerSecondMax: connectsPerSecondMax ?? Number.POSITIVE_INFINITY,
    };
    this.#books = hasOwn ? [new AddressBook(bounds), shared] : [shared];
  }

  /**
   * Counts the connection until it is closed.
   *
   * @param address - Of the peer, whoever stands between.
   * @returns `undefined`, or why it may not be.
   */
  admit(socket: Socket, address: string): AdmissionRefusal | undefined {
    const stay = this.enter(address);
    if (typeof stay !== "object") return stay;
    (socket as AdmittedSocket)[STAY] = stay;
    socket.once("close", onClose);
    return undefined;
  }

  /**
   * Counts a connection until its stay is over.
   *
   * @returns why it may not be; else its stay, or `undefined` where nobody counts.
   */
  enter(address: string): AdmissionRefusal | Stay | undefined {
    if (this.#connections >= this.#connectionsMax) return "listener-full";
    const key = isLocalAddress(address) ? undefined : addressKey(address);
    const refusal = key === undefined ? undefined : this.#enter(key);
    if (refusal !== undefined) return refusal;
    if (key === undefined && this.#connectionsMax === Number.POSITIVE_INFINITY) return undefined;
    this.#connections += 1;
    return new Stay(this, key);
  }

  #enter(key: string): AdmissionRefusal | undefined {
    const now = nowMs();
    for (const [at, book] of this.#books.entries()) {
      const refusal = book.enter(key, now);
      if (refusal === undefined) continue;
      for (const before of this.#books.slice(0, at)) before.leave(key);
      return refusal;
    }
    return undefined;
  }

  /** It has closed. */
  leave(key: string | undefined): void {
    this.#connections -= 1;
    if (key === undefined) return;
    for (const book of this.#books) book.leave(key);
  }
}

/** One connection, for as long as it counts. */
export class Stay {
  readonly #admission: Admission;
  readonly #key: string | undefined;

  constructor(admission: Admission, key: string | undefined) {
    this.#admission = admission;
    this.#key = key;
  }

  /** The connection has closed. Once. */
  end(): void {
    this.#admission.leave(this.#key);
  }
}

/** Why a peer was not admitted, in words. */
export const ADMISSION_WORDS = {
  "address-full": "its address has as many connections as it may have",
  "address-too-fast": "its address opens connections faster than it may",
  "listener-full": "there are as many connections here as there may be",
} as const satisfies Partial<Record<TurnAwayReason, string>>;
type AdmissionRefusal = keyof typeof ADMISSION_WORDS;

const STAY = Symbol("stay");
type AdmittedSocket = Socket & { [STAY]?: Stay };

/** One for all sockets, which know who counts them. */
function onClose(this: AdmittedSocket): void {
  this[STAY]?.end();
}
