import type { QoS } from "../protocol/packet.js";
import type { DeliveryOutcome, ReceiptAddress } from "../session/delivery.js";

/** What a receipt says became of a message. [P20] */
export type ReceiptWord =
  | "delivered"
  | "sent"
  | "queued"
  | "offline"
  | "denied"
  | "dropped"
  /** All that a sender is told who may not know more. */
  | "accepted";

/** A receipt to be sent at the end of the turn. */
export interface DueReceipt {
  readonly address: ReceiptAddress;
  readonly qos: QoS;
  readonly word: ReceiptWord;
}

const WORDS: Readonly<Record<DeliveryOutcome, ReceiptWord>> = {
  delivered: "delivered",
  sent: "sent",
  dropped: "dropped",
  expired: "dropped",
};

/** Receipts that the present turn owes to Clients that have asked for one. */
export class DueReceipts {
  #due: DueReceipt[] = [];
  /** How many there were since the start. */
  count = 0;

  get isEmpty(): boolean {
    return this.#due.length === 0;
  }

  add(address: ReceiptAddress, qos: QoS, word: ReceiptWord): void {
    this.#due.push({ address, qos, word });
    this.count += 1;
  }

  /** A delivery has come to its end. */
  ended(address: ReceiptAddress, qos: QoS, outcome: DeliveryOutcome): void {
    this.add(address, qos, WORDS[outcome]);
  }

  /** Takes out all. */
  take(): readonly DueReceipt[] {
    const due = this.#due;
    this.#due = [];
    return due;
  }
}
