import type { Suback, SubscriptionRequest } from "../protocol/packet.js";
import { Delivery } from "../session/delivery.js";

/** A SUBACK that waits: the retained messages of its Subscriptions come behind it. [M5] */
export class HeldSuback {
  readonly suback: Suback;
  readonly requests: readonly SubscriptionRequest[];

  constructor(suback: Suback, requests: readonly SubscriptionRequest[]) {
    this.suback = suback;
    this.requests = requests;
  }
}

/** A PUBLISH that is sent again, behind a PUBREL that waits. [M14] */
export class HeldRepeat {
  readonly delivery: Delivery;

  constructor(delivery: Delivery) {
    this.delivery = delivery;
  }
}

/** A delivery, its repeat, a SUBACK, or another acknowledgement as `firstByte << 16 | packetId`. */
export type HeldItem = Delivery | HeldRepeat | HeldSuback | number;

/**
 * What one connection may not send before the Store has made durable what it promises. First in,
 * first out, so that acknowledgements keep the order of arrival. [M26] [MQTT-4.6.0-2]
 */
export class Held {
  #tickets: number[] = [];
  #items: HeldItem[] = [];
  #head = 0;
  /** Deliveries among them. */
  deliveryCount = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(ticket: number, item: HeldItem): void {
    this.#tickets.push(ticket);
    this.#items.push(item);
    if (isDelivery(item)) this.deliveryCount += 1;
  }

  /** Takes the first if its ticket is durable. */
  shift(committedTicket: number): HeldItem | undefined {
    if (this.length === 0 || (this.#tickets[this.#head] as number) > committedTicket) {
      return undefined; // the cast: same length as `#items`
    }
    const item = this.#items[this.#head];
    this.#head += 1;
    if (isDelivery(item)) this.deliveryCount -= 1;
    if (this.#head === this.#items.length) {
      this.#tickets = [];
      this.#items = [];
      this.#head = 0;
    }
    return item;
  }
}

function isDelivery(item: HeldItem | undefined): boolean {
  return item instanceof Delivery || item instanceof HeldRepeat;
}
