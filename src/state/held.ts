import { PUBREL_BYTE } from "../codec/raw.js";
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

/** A copy for the publisher itself, behind its acknowledgement. What others send overtakes it. [M31] */
export class HeldOwnCopy {
  readonly delivery: Delivery;

  constructor(delivery: Delivery) {
    this.delivery = delivery;
  }
}

/** A delivery, its repeat, a SUBACK, or another acknowledgement as `firstByte << 16 | packetId`. */
export type HeldItem = Delivery | HeldRepeat | HeldOwnCopy | HeldSuback | number;

/** Whether what turns have promised holds: `Obligations`. */
export interface Settled {
  isSettled(ticket: number): boolean;
  isSettledUpTo(ticket: number): boolean;
  isDurable(ticket: number): boolean;
  isDurableUpTo(ticket: number): boolean;
}

/**
 * What one connection may not send before the Store has made durable what it promises. First in,
 * first out, so that acknowledgements keep the order of arrival. [M26] [MQTT-4.6.0-2]
 */
export class Held {
  /** The turn whose promises each item waits for; 0: none. */
  #tickets: number[] = [];
  /** Whether it waits for all turns up to that one. */
  #isForAll: boolean[] = [];
  #items: HeldItem[] = [];
  #head = 0;
  /** Deliveries among them behind which every other one waits. */
  deliveryCount = 0;
  /** Copies for the publisher itself among them: only others of these wait behind them. */
  ownCopyCount = 0;
  /** PUBRELs among them: they keep their order. [MQTT-4.6.0-4] */
  releaseCount = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Waits for what one turn has recorded, whatever became of others; 0: only for those before it. */
  push(ticket: number, item: HeldItem): void {
    this.#add(ticket, false, item);
  }

  /** Waits until everything is durable that the turns up to this one have recorded. */
  pushBehindAll(ticket: number, item: HeldItem): void {
    this.#add(ticket, true, item);
  }

  /** What of it is at QoS 0: nobody keeps that when the connection ends. */
  qos0(): Delivery[] {
    const qos0: Delivery[] = [];
    for (let at = this.#head; at < this.#items.length; at += 1) {
      const item = this.#items[at];
      const delivery = item instanceof HeldOwnCopy ? item.delivery : item;
      if (delivery instanceof Delivery && delivery.qos === 0) qos0.push(delivery);
    }
    return qos0;
  }

  /** Takes the first if nothing is in its way any more. */
  shift(obligations: Settled): HeldItem | undefined {
    if (this.length === 0) return undefined;
    const ticket = this.#tickets[this.#head] as number; // same length as `#items`
    const item = this.#items[this.#head];
    const isForAll = this.#isForAll[this.#head] === true;
    if (!isDue(obligations, ticket, isForAll, item)) return undefined;
    this.#head += 1;
    this.#count(item, -1);
    if (this.#head === this.#items.length) {
      this.#tickets = [];
      this.#isForAll = [];
      this.#items = [];
      this.#head = 0;
    }
    return item;
  }

  /** Whether anything of it waits for the Store: not only for what somebody else has to answer. */
  awaitsStore(obligations: Settled): boolean {
    for (let at = this.#head; at < this.#items.length; at += 1) {
      const ticket = this.#tickets[at] as number; // same length as `#items`
      if (ticket === 0) continue;
      const isForAll = this.#isForAll[at] === true;
      if (!(isForAll ? obligations.isDurableUpTo(ticket) : obligations.isDurable(ticket))) {
        return true;
      }
    }
    return false;
  }

  #add(ticket: number, isForAll: boolean, item: HeldItem): void {
    this.#tickets.push(ticket);
    this.#isForAll.push(isForAll);
    this.#items.push(item);
    this.#count(item, 1);
  }

  #count(item: HeldItem | undefined, by: 1 | -1): void {
    if (typeof item === "number") {
      if (item >>> 16 === PUBREL_BYTE) this.releaseCount += by;
    } else if (item instanceof HeldOwnCopy) this.ownCopyCount += by;
    else if (isDelivery(item)) this.deliveryCount += by;
  }
}

/** A receiver waits for the Store alone: what the publisher's acknowledgement waits for is not its. */
function isDue(
  obligations: Settled,
  ticket: number,
  isForAll: boolean,
  item: HeldItem | undefined,
): boolean {
  if (ticket === 0) return true;
  if (isDelivery(item)) {
    return isForAll ? obligations.isDurableUpTo(ticket) : obligations.isDurable(ticket);
  }
  return isForAll ? obligations.isSettledUpTo(ticket) : obligations.isSettled(ticket);
}

function isDelivery(item: HeldItem | undefined): boolean {
  return item instanceof Delivery || item instanceof HeldRepeat || item instanceof HeldOwnCopy;
}
