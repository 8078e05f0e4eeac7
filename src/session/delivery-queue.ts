import type { Delivery } from "./delivery.js";
import { MessageBytes } from "./message-bytes.js";

/** What a queue may hold; each pair is its own account. [M17] [P9] */
export interface QueueLimits {
  /** Messages by Subscription. */
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
  /** Messages by point-to-point. */
  readonly pointToPointMessagesMax: number;
  readonly pointToPointBytesMax: number;
}

/** Where the deliveries of one Session are kept outside memory, when they are. */
export interface DeliveryPages {
  /**
   * Appends to `into` the deliveries behind `afterSequence`, in order of sequence, at most
   * `countMax`. What was recorded and removed in this very turn is taken into account.
   */
  read(afterSequence: number, countMax: number, into: Delivery[]): void;
}

/** Deliveries read from the pages at once. */
export const PAGE = 64;
/** Fewer slots than this are not worth compacting. */
const COMPACT_FROM = 64;

/**
 * Deliveries that wait, first in, first out.
 *
 * Messages by Subscription and by point-to-point stand in one line, so that one sender's order is
 * kept, but fill separate accounts. Whoever is over its account: point-to-point drops its oldest
 * [P9]; the others drop the oldest of QoS 0, and without one the newcomer [M17]. A message alone in
 * its account may be larger than that: what comes in one packet reaches who reads. O(1) amortised,
 * O(length) for a drop out of the middle.
 *
 * The queue of an offline Session that has pages is not in memory: only its length is.
 */
export class DeliveryQueue {
  readonly #limits: QueueLimits;
  readonly #pages: DeliveryPages | undefined;
  readonly #memory: MessageBytes;
  /** A dropped delivery leaves a hole; holes are skipped, and cut out when they are half of all. */
  #slots: (Delivery | undefined)[] = [];
  #head = 0;
  #messages = 0;
  #bytes = 0;
  #qos0 = 0;
  #pointToPoint = 0;
  #pointToPointBytes = 0;
  /** No point-to-point delivery here is past its age before this time. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  /** How many stand behind the slots, in the pages only; they come after `#readAfter`. */
  #behind = 0;
  #readAfter = 0;

  /** @param memory - Takes note of what is in memory. */
  constructor(limits: QueueLimits, pages?: DeliveryPages, memory = new MessageBytes()) {
    this.#limits = limits;
    this.#pages = pages;
    this.#memory = memory;
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
   *
   * @param toPages - What has a page shall take no memory: the Session is offline, or there is none.
   * @param burstMax - So many messages may wait whatever their bound says; bytes count all the same.
   */
  push(delivery: Delivery, toPages: boolean, dropped: Delivery[], burstMax = 0): void {
    if (delivery.pointToPoint) this.#makeRoomPointToPoint(delivery, dropped, burstMax);
    else this.#makeRoom(delivery, dropped, burstMax);
    if (dropped.length > 0 && dropped.includes(delivery)) return;
    const hasPage = this.#pages !== undefined && delivery.qos > 0;
    if (this.#behind > 0 && !hasPage) {
      dropped.push(delivery); // QoS 0 has no page, and must not overtake those that have
    } else if (hasPage && (toPages || this.#behind > 0)) {
      this.countBehind(delivery);
    } else {
      this.#compact();
      this.#slots.push(delivery);
      this.#memory.take(delivery);
      this.#count(delivery, 1);
    }
  }

  peek(): Delivery | undefined {
    this.#skipHoles();
    if (this.#slots.length === 0 && this.#behind > 0) this.#readPage();
    return this.#slots[this.#head];
  }

  shift(): Delivery | undefined {
    const delivery = this.peek();
    if (delivery !== undefined) this.#removeAt(this.#head, delivery);
    return delivery;
  }

  /** All of them from the head on, without taking them out or keeping what is in the pages. */
  *all(): Generator<Delivery, void> {
    for (let at = this.#head; at < this.#slots.length; at += 1) {
      const delivery = this.#slots[at];
      if (delivery !== undefined) yield delivery;
    }
    let after = this.#readAfter;
    const page: Delivery[] = [];
    for (let left = this.#behind; left > 0; left -= page.length) {
      page.length = 0;
      this.#pages?.read(after, Math.min(PAGE, left), page);
      after = page.at(-1)?.sequence ?? after;
      if (page.length === 0) return;
      yield* page;
    }
  }

  /** Takes out everything at QoS 0: nothing of it is kept for an offline Session. [M17] */
  removeQos0(into: Delivery[]): void {
    for (let at = this.#head; this.#qos0 > 0; at += 1) {
      const delivery = this.#slots[at];
      if (delivery === undefined || delivery.qos !== 0) continue;
      this.#removeAt(at, delivery);
      into.push(delivery);
    }
  }

  /** Takes out every point-to-point delivery past its age. O(1) while there is none. [P9] */
  removeExpired(nowMs: number, into: Delivery[]): void {
    if (this.#nextExpiryMs > nowMs) return;
    this.#nextExpiryMs = Number.POSITIVE_INFINITY;
    while (this.#behind > 0) this.#readPage();
    for (let at = this.#head; at < this.#slots.length; at += 1) {
      const delivery = this.#slots[at];
      if (delivery === undefined || delivery.expiresMs === 0) continue;
      if (delivery.expiresMs > nowMs) {
        this.#nextExpiryMs = Math.min(this.#nextExpiryMs, delivery.expiresMs);
      } else {
        this.#removeAt(at, delivery);
        into.push(delivery);
      }
    }
  }

  /** Counts a delivery that is in the pages, behind all others. */
  countBehind(delivery: Delivery): void {
    if (this.#behind === 0) this.#readAfter = delivery.sequence - 1;
    this.#behind += 1;
    this.#count(delivery, 1);
  }

  /** Forgets the deliveries themselves, not their number: they are in the pages. */
  unload(): void {
    this.#skipHoles();
    const first = this.#slots[this.#head];
    if (this.#pages === undefined || first === undefined) return;
    this.#readAfter = first.sequence - 1;
    for (const delivery of this.#slots) {
      if (delivery === undefined) continue;
      this.#behind += 1;
      this.#memory.give(delivery);
    }
    this.#slots = [];
    this.#head = 0;
  }

  /** Brings the next page into memory, behind what is there. */
  #readPage(): void {
    const page: Delivery[] = [];
    this.#pages?.read(this.#readAfter, Math.min(PAGE, this.#behind), page);
    const last = page.at(-1);
    if (last === undefined) {
      this.#forgetBehind();
      return;
    }
    for (const delivery of page) this.#memory.take(delivery);
    this.#slots = this.#slots.length === 0 ? page : [...this.#slots, ...page];
    this.#behind -= page.length;
    this.#readAfter = last.sequence;
  }

  /** The pages have less than was counted: what is here is all there is. [D1] */
  #forgetBehind(): void {
    this.#behind = 0;
    this.#messages = 0;
    this.#bytes = 0;
    this.#qos0 = 0;
    this.#pointToPoint = 0;
    this.#pointToPointBytes = 0;
    for (const delivery of this.#slots) if (delivery !== undefined) this.#count(delivery, 1);
  }

  #makeRoomPointToPoint(delivery: Delivery, dropped: Delivery[], burstMax: number): void {
    const { pointToPointMessagesMax, pointToPointBytesMax } = this.#limits;
    // Never fewer than are here: the end of a burst must not cost more than one message each.
    const messagesMax = Math.max(pointToPointMessagesMax, burstMax, this.#pointToPoint);
    const bytesLeft = pointToPointBytesMax - delivery.byteCount;
    if (this.#pointToPoint === 0 && pointToPointBytesMax > 0 && pointToPointMessagesMax > 0) {
      return;
    }
    if (bytesLeft < 0 || pointToPointMessagesMax < 1) {
      dropped.push(delivery);
      return;
    }
    if (this.#pointToPoint < messagesMax && this.#pointToPointBytes <= bytesLeft) return;
    const isFull = (): boolean =>
      this.#pointToPoint >= messagesMax || this.#pointToPointBytes > bytesLeft;
    // The oldest may be in a page: all come into memory, they are few enough by these bounds.
    while (this.#behind > 0) this.#readPage();
    for (let at = this.#head; at < this.#slots.length && isFull(); at += 1) {
      const oldest = this.#slots[at];
      if (oldest?.pointToPoint !== true) continue;
      this.#removeAt(at, oldest);
      dropped.push(oldest);
    }
  }

  #makeRoom(delivery: Delivery, dropped: Delivery[], burstMax: number): void {
    const bytesLeft = this.#limits.queueBytesMax - delivery.byteCount;
    const messagesMax = Math.max(this.#limits.queueMessagesMax, burstMax);
    if (this.#messages === 0 && this.#limits.queueBytesMax > 0 && messagesMax > 0) return;
    if (this.#messages < messagesMax && this.#bytes <= bytesLeft) return;
    const fits = (): boolean => this.#messages < messagesMax && this.#bytes <= bytesLeft;
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
    this.#memory.give(delivery);
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
    if (sign > 0 && delivery.expiresMs > 0) {
      this.#nextExpiryMs = Math.min(this.#nextExpiryMs, delivery.expiresMs);
    }
  }

  #skipHoles(): void {
    while (this.#head < this.#slots.length && this.#slots[this.#head] === undefined) {
      this.#head += 1;
    }
    if (this.#head === this.#slots.length) {
      if (this.#head > 0) this.#slots = [];
      this.#head = 0;
    } else {
      this.#compact();
    }
  }

  /**
   * Cuts out the holes when they are half of the slots, which makes it O(1) amortised. A queue that
   * only drops and is never read must not grow either.
   */
  #compact(): void {
    const live = this.length - this.#behind;
    if (this.#slots.length < COMPACT_FROM || this.#slots.length < 2 * live) return;
    this.#slots = this.#slots.filter((delivery) => delivery !== undefined);
    this.#head = 0;
  }
}
