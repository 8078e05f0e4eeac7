import type { Delivery } from "./delivery.js";
import type { Message } from "./message.js";

/** What a delivery takes besides topic and payload: 131 with its place in a queue, 81 its message. */
export const DELIVERY_BYTES = 216;

/**
 * The memory of the messages that wait for Clients or are not acknowledged yet, of all Sessions
 * together: one for many counts once, as it is kept once. [T7]
 */
export class MessageBytes {
  used = 0;

  /** A delivery is in memory from now on. */
  take({ message }: Delivery): void {
    this.used += DELIVERY_BYTES;
    if (message === undefined) return;
    message.holderCount += 1;
    if (message.holderCount === 1) this.used += message.byteCount;
  }

  /** It is not any more. */
  give({ message }: Delivery): void {
    this.used -= DELIVERY_BYTES;
    if (message !== undefined) this.giveMessage(message);
  }

  /** Its message is not any more: only its identifier matters. */
  giveMessage(message: Message): void {
    message.holderCount -= 1;
    if (message.holderCount === 0) this.used -= message.byteCount;
  }
}
