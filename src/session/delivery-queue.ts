import type { Delivery } from "./delivery.js";

/** What a queue may hold; each pair is its own account. [M17] [P9] */
export interface QueueLimits {
  /** Messages by Subscription. */
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
  /** Messages by point-to-point. */
  readonly pointToPointMessagesMax: number;
  readonly pointToPointBytesMax: number;
}

/** Dead slots at the head are cut off when there are at least this many. */
const COMPACT_FROM = 64;

/**
 * Deliveries that wait, first in, first out.
 *
 * Messages by Subscription and by point-to-point stand in one line, so that one sender's order is
 * kept, but fill separate accounts. Whoever is over its account: point-to-point drops its oldest
 * [P9]; the others drop the oldest of QoS 0, and without one the newcomer [M17]. O(1) amortised,
 * O(length) for a drop out of the middle.
 */
export class DeliveryQueue {
  readonly #limits: QueueLimits;
  /** A dropped delivery leaves a hole; holes are skipped, and cut off at the head. */
  #slots: (Delivery | undefined)[] = [];
  #head = 0;
  #messages = 0;
  #bytes = 0;
  #qos0 = 0;
  #pointToPoint = 0;
  #pointToPointBytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#messages + this.#pointToPoint;
  }

  /** How many of {@link length} came by point-to-point. */
  get pointToPointLength(): number {
    return this.#pointToPoint;
  }

  get byteCount(): number {
    return this.#bytes + this.#pointToPointBytes;
  }

  /**
   * Appends a delivery; whatever must go to keep the bounds is appended to `dropped`, perhaps the
   * newcomer itself.
   */
  push(delivery: Delivery, dropped: Delivery[]): void {
    if (delivery.pointToPoint) this.#makeRoomPointToPoint(delivery, dropped);
    else this.#makeRoom(delivery, dropped);
    if (dropped.includes(delivery)) return;
    this.#slots.push(delivery);
    this.#count(delivery, 1);
  }

  peek(): Delivery | undefined {
    this.#skipHoles();
    return this.#slots[this.#head];
  }

  shift(): Delivery | undefined {
    const delivery = this.peek();
    if (delivery !== undefined) this.#removeAt(this.#head, delivery);
    return delivery;
  }

  /** Takes out everything at QoS 0: nothing of it is kept for an offline Session. [M17] */
  removeQos0(into: Delivery[]): void {
    for (let at = this.#head; this.#qos0 > 0 && at < this.#slots.length; at += 1) {
      const delivery = this.#slots[at];
      if (delivery === undefined || delivery.qos !== 0) continue;
      this.#removeAt(at, delivery);
      into.push(delivery);
    }
  }

  #makeRoomPointToPoint(delivery: Delivery, dropped: Delivery[]): void {
    const { pointToPointMessagesMax, pointToPointBytesMax } = this.#limits;
    const bytesLeft = pointToPointBytesMax - delivery.byteCount;
    if (bytesLeft < 0 || pointToPointMessagesMax < 1) {
      dropped.push(delivery);
      return;
    }
    let at = this.#head;
    while (this.#pointToPoint >= pointToPointMessagesMax || this.#pointToPointBytes > bytesLeft) {
      const oldest = this.#slots[at];
      if (oldest?.pointToPoint === true) {
        this.#removeAt(at, oldest);
        dropped.push(oldest);
      }
      at += 1;
    }
  }

  #makeRoom(delivery: Delivery, dropped: Delivery[]): void {
    const bytesLeft = this.#limits.queueBytesMax - delivery.byteCount;
    const fits = (): boolean =>
      this.#messages < this.#limits.queueMessagesMax && this.#bytes <= bytesLeft;
    if (bytesLeft >= 0 && this.#qos0 > 0) {
      for (let at = this.#head; at < this.#slots.length && !fits(); at += 1) {
        const oldest = this.#slots[at];
        if (oldest === undefined || oldest.qos !== 0 || oldest.pointToPoint) continue;
        this.#removeAt(at, oldest);
        dropped.push(oldest);
      }
    }
    if (!fits()) dropped.push(delivery);
  }

  #removeAt(at: number, delivery: Delivery): void {
    this.#slots[at] = undefined;
    this.#count(delivery, -1);
    if (at === this.#head) this.#head += 1;
  }

  #count(delivery: Delivery, sign: 1 | -1): void {
    if (delivery.pointToPoint) {
      this.#pointToPoint += sign;
      this.#pointToPointBytes += sign * delivery.byteCount;
    } else {
      this.#messages += sign;
      this.#bytes += sign * delivery.byteCount;
    }
    if (delivery.qos === 0) this.#qos0 += sign;
  }

  #skipHoles(): void {
    while (this.#head < this.#slots.length && this.#slots[this.#head] === undefined) {
      this.#head += 1;
    }
    if (this.#head === this.#slots.length) {
      this.#slots.length = 0;
      this.#head = 0;
    } else if (this.#head >= COMPACT_FROM && this.#head * 2 >= this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head);
      this.#head = 0;
    }
  }
}
