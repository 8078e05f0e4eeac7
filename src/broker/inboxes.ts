import type { Delivery } from "../session/delivery.js";
import { DeliveryQueue } from "../session/delivery-queue.js";
import type { Limits } from "./limits.js";

/**
 * Point-to-point messages for Clients that have no Session to keep them in: kept by the sender's
 * rule [P7], or for a Client nobody has seen yet [P8]. They live outside the Session State, so that
 * connecting with Clean Session does not wipe them, and are drained right after CONNACK.
 */
export class Inboxes {
  readonly #limits: Limits;
  readonly #inboxes = new Map<string, DeliveryQueue>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#inboxes.size;
  }

  /** Keeps a delivery; `dropped` takes what the bounds push out, perhaps itself. [P9] */
  add(clientId: string, delivery: Delivery, dropped: Delivery[]): void {
    let inbox = this.#inboxes.get(clientId);
    if (inbox === undefined) {
      inbox = new DeliveryQueue(this.#limits);
      this.#inboxes.set(clientId, inbox);
    }
    inbox.push(delivery, dropped);
  }

  /** Takes everything kept for this Client, oldest first. */
  take(clientId: string): Delivery[] {
    const inbox = this.#inboxes.get(clientId);
    if (inbox === undefined) return [];
    this.#inboxes.delete(clientId);
    const all: Delivery[] = [];
    for (let head = inbox.shift(); head !== undefined; head = inbox.shift()) all.push(head);
    return all;
  }

  /**
   * Takes what is older than its age from the heads of at most `countMax` inboxes, starting where
   * the last call ended, so that a tick has a bound.
   */
  expire(nowMs: number, countMax: number): Delivery[] {
    const expired: Delivery[] = [];
    let looked = 0;
    for (const [clientId, inbox] of this.#inboxes) {
      if (looked === countMax) break;
      looked += 1;
      // To the end of the Map's order: the next call sees the others first.
      this.#inboxes.delete(clientId);
      for (
        let head = inbox.peek();
        head !== undefined && head.expiresMs <= nowMs;
        head = inbox.peek()
      ) {
        inbox.shift();
        expired.push(head);
      }
      if (inbox.length > 0) this.#inboxes.set(clientId, inbox);
    }
    return expired;
  }
}
