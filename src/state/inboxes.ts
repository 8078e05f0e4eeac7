import type { Limits } from "../ports/limits.js";
import { readsBack, type Store } from "../ports/store.js";
import type { Delivery } from "../session/delivery.js";
import type { MessageBytes } from "../session/message-bytes.js";
import { Outbound } from "../session/outbound.js";
import { TextMap } from "../topic/text-map.js";

interface Inbox {
  readonly storeKey: number;
  /** Used as a queue only: nothing is ever in flight from here. */
  readonly queue: Outbound;
}

/** A message that nobody came for in time. */
export interface Expired {
  readonly clientId: string;
  readonly delivery: Delivery;
}

/**
 * Point-to-point messages for Clients that have no Session to keep them in: kept by the sender's
 * rule [P7], or for a Client nobody has seen yet [P8]. They live outside the Session State, so that
 * connecting with Clean Session does not wipe them, and are drained right after CONNACK.
 */
export class Inboxes {
  /** What is kept here is in memory. */
  readonly areInMemory: boolean;
  readonly #limits: Limits;
  readonly #store: Store;
  readonly #memory: MessageBytes;
  /** By the identifier. */
  readonly #inboxes = new TextMap<Inbox>();
  /** Where {@link expire} stands: it follows changes. */
  #round = this.#inboxes[Symbol.iterator]();

  /** @param memory - Takes note of what is in memory. */
  constructor(limits: Limits, store: Store, memory: MessageBytes) {
    this.#limits = limits;
    this.#store = store;
    this.#memory = memory;
    this.areInMemory = !readsBack(store);
    for (const { key, clientId } of store.inboxes()) this.#open(clientId, key).queue.restore();
  }

  get size(): number {
    return this.#inboxes.size;
  }

  /** What is kept for this Client, as far as it was counted since the start. O(1). */
  sizeOf(clientId: string): { readonly messages: number; readonly bytes: number } {
    const queue = this.#inboxes.get(clientId)?.queue;
    return { messages: queue?.queuedCount ?? 0, bytes: queue?.queuedBytes ?? 0 };
  }

  /** Whether anything is kept for this Client. */
  has(clientId: string): boolean {
    return this.#inboxes.has(clientId);
  }

  /**
   * Keeps a delivery; `dropped` takes what the bounds push out, perhaps itself. [P9]
   *
   * @returns how many more messages than the caller knows of it turned out to hold.
   */
  add(clientId: string, delivery: Delivery, dropped: Delivery[]): number {
    let inbox = this.#inboxes.get(clientId);
    if (inbox === undefined) {
      inbox = this.#open(clientId, this.#store.nextKey());
      this.#store.putInbox({ key: inbox.storeKey, clientId });
    }
    const found = inbox.queue.tally();
    inbox.queue.admit(delivery);
    inbox.queue.enqueue(delivery, dropped);
    if (!dropped.includes(delivery)) this.#store.putDelivery(inbox.storeKey, delivery);
    for (const victim of dropped) {
      if (victim !== delivery) this.#store.deleteDelivery(inbox.storeKey, victim);
    }
    return found;
  }

  /** Takes everything kept for this Client, oldest first, with {@link add}'s surplus count. */
  take(clientId: string): { deliveries: Delivery[]; found: number } {
    const inbox = this.#inboxes.get(clientId);
    if (inbox === undefined) return { deliveries: [], found: 0 };
    this.#inboxes.delete(clientId);
    const found = inbox.queue.tally();
    const deliveries = inbox.queue.drain().map((one) => one.forAnotherOwner());
    this.#store.deleteOwner(inbox.storeKey);
    return { deliveries, found };
  }

  /**
   * Takes what is older than its age out of at most `countMax` inboxes; starts where the last call
   * ended, so that it has a bound.
   */
  expire(nowMs: number, countMax: number): { expired: Expired[]; found: number } {
    const expired: Expired[] = [];
    let found = 0;
    let looked = Math.min(countMax, this.#inboxes.size);
    for (; looked > 0; looked -= 1) {
      const [clientId, inbox] = this.#next();
      found += inbox.queue.tally();
      const deliveries: Delivery[] = [];
      inbox.queue.removeExpired(nowMs, deliveries);
      for (const delivery of deliveries) {
        this.#store.deleteDelivery(inbox.storeKey, delivery);
        expired.push({ clientId, delivery });
      }
      if (inbox.queue.queuedCount > 0) continue;
      this.#inboxes.delete(clientId);
      this.#store.deleteOwner(inbox.storeKey);
    }
    return { expired, found };
  }

  /** Each in its turn, over and over. There is one at least. */
  #next(): [clientId: string, inbox: Inbox] {
    const { value } = this.#round.next();
    if (value !== undefined) return value;
    this.#round = this.#inboxes[Symbol.iterator]();
    return this.#round.next().value as [string, Inbox]; // none is taken out while this is asked
  }

  #open(clientId: string, storeKey: number): Inbox {
    const pages = storeKey === 0 ? undefined : this.#store.pagesOf(storeKey);
    const inbox = { storeKey, queue: new Outbound(this.#limits, pages, this.#memory) };
    inbox.queue.unload();
    this.#inboxes.set(clientId, inbox);
    return inbox;
  }
}
