import type { Delivery } from "../session/delivery.js";

/**
 * What one connection may not send before the Store has made durable what it promises: whole
 * deliveries, and acknowledgements as `firstByte << 16 | packetId`. First in, first out, so that
 * acknowledgements keep the order of arrival. [M26] [MQTT-4.6.0-2]
 */
export class Held {
  #tickets: number[] = [];
  #items: (Delivery | number)[] = [];
  #head = 0;
  /** Deliveries among them. */
  deliveryCount = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(ticket: number, item: Delivery | number): void {
    this.#tickets.push(ticket);
    this.#items.push(item);
    if (typeof item === "object") this.deliveryCount += 1;
  }

  /** Takes the first if its ticket is durable. */
  shift(committedTicket: number): Delivery | number | undefined {
    if (this.length === 0 || (this.#tickets[this.#head] as number) > committedTicket) {
      return undefined; // the cast: same length as `#items`
    }
    const item = this.#items[this.#head];
    this.#head += 1;
    if (typeof item === "object") this.deliveryCount -= 1;
    if (this.#head === this.#items.length) {
      this.#tickets = [];
      this.#items = [];
      this.#head = 0;
    }
    return item;
  }
}
