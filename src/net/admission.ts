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
    if (this.#connections >= this.#connectionsMax) return "listener-full";
    const key = isLocalAddress(address) ? undefined : addressKey(address);
    const refusal = key === undefined ? undefined : this.#enter(key);
    if (refusal !== undefined) return refusal;
    if (key === undefined && this.#connectionsMax === Number.POSITIVE_INFINITY) return undefined;
    this.#connections += 1;
    (socket as AdmittedSocket)[STAY] = { admission: this, key };
    socket.once("close", onClose);
    return undefined;
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

/** Why a peer was not admitted, in words. */
export const ADMISSION_WORDS = {
  "address-full": "its address has as many connections as it may have",
  "address-too-fast": "its address opens connections faster than it may",
  "listener-full": "there are as many connections here as there may be",
} as const satisfies Partial<Record<TurnAwayReason, string>>;
type AdmissionRefusal = keyof typeof ADMISSION_WORDS;

const STAY = Symbol("stay");
type AdmittedSocket = Socket & {
  [STAY]?: { readonly admission: Admission; readonly key: string | undefined };
};

/** One for all sockets, which know who counts them. */
function onClose(this: AdmittedSocket): void {
  const stay = this[STAY];
  stay?.admission.leave(stay.key);
}
