import type { InboxRecord, SessionRecord, WillRecord } from "../ports/store.js";
import type { QoS } from "../protocol/packet.js";
import type { Delivery } from "../session/delivery.js";
import type { Message } from "../session/message.js";
import type { SeenMessage } from "../session/seen.js";
import { TextMap } from "../topic/text-map.js";

/**
 * In place of a delivery that is gone: the number of the payload that its record refers to, 0 for
 * none; or {@link UNREADABLE}.
 */
export type Removal = number;

/** The removal of a record that turned out to be damaged: what it refers to cannot be told. */
export const UNREADABLE: Removal = -1;

/** A record costs this much, besides its bytes, against the bound of a commit. */
const RECORD_WEIGHT = 1_024;

/** What was recorded under one owner: `undefined` is a removal. */
export interface OwnerChanges {
  session: SessionRecord | undefined;
  inbox: InboxRecord | undefined;
  /** The owner was removed with all it had before; what else stands here came later. */
  isDeleted: boolean;
  /** It was made in this batch: nothing of it is stored yet. */
  isNew: boolean;
  /** By the Topic Filter. */
  readonly subscriptions: TextMap<QoS | undefined>;
  readonly deliveries: Map<number, Delivery | Removal>;
  /** true: kept, without a number; its number: kept; negative: of one that was released; false: removed. */
  readonly inbound: Map<number, boolean | number>;
  /** By the publisher. */
  readonly seen: TextMap<readonly SeenMessage[] | undefined>;
}

/**
 * What turns have recorded and no commit has taken yet. The last record under a key counts, and a
 * record that comes and goes within one batch never reaches the medium: in flight at QoS 1 to a
 * receiver that answers at once costs no write.
 */
export class Batch {
  readonly owners = new Map<number, OwnerChanges>();
  /** By the Topic Name. */
  readonly retained = new TextMap<Message | undefined>();
  readonly wills = new Map<number, WillRecord | undefined>();
  /**
   * It holds something that only the disk can settle. Without it there are but messages on their
   * way to connected Clients: these may well acknowledge them before anything is written.
   */
  isUrgent = false;
  /** An owner was removed in it. */
  hasDeleted = false;
  /** A commit with a part of it has failed: nobody can say what of that is on the medium. */
  isRetried = false;
  /** What it costs to commit it, roughly bytes; large messages count even if they were taken back. */
  weight = 0;
  /** The large message that was counted last: its receivers share it. */
  #shared: Message | undefined;

  get isEmpty(): boolean {
    return this.owners.size === 0 && this.retained.size === 0 && this.wills.size === 0;
  }

  /** The changes of an owner, made on first use. */
  of(key: number): OwnerChanges {
    this.weight += RECORD_WEIGHT;
    let changes = this.owners.get(key);
    if (changes === undefined) {
      changes = {
        session: undefined,
        inbox: undefined,
        isDeleted: false,
        isNew: false,
        subscriptions: new TextMap(),
        deliveries: new Map(),
        inbound: new Map(),
        seen: new TextMap(),
      };
      this.owners.set(key, changes);
    }
    return changes;
  }

  deleteOwner(key: number): void {
    this.hasDeleted = true;
    const changes = this.of(key);
    changes.session = undefined;
    changes.inbox = undefined;
    changes.subscriptions.clear();
    changes.deliveries.clear();
    changes.inbound.clear();
    changes.seen.clear();
    if (changes.isNew) this.owners.delete(key);
    else changes.isDeleted = true;
  }

  putDelivery(key: number, delivery: Delivery): void {
    this.of(key).deliveries.set(delivery.sequence, delivery);
    const { message } = delivery;
    if (message !== undefined) {
      const bytes = message.payloadEnd - message.payloadAt;
      if (bytes > RECORD_WEIGHT && message !== this.#shared) {
        this.weight += bytes;
        this.#shared = message;
      }
    }
    if (delivery.qos !== 1 || delivery.packetId === 0) this.isUrgent = true;
  }

  deleteDelivery(key: number, delivery: Delivery): void {
    if (delivery.isStored) this.removeStored(key, delivery.sequence, delivery.storedPayload);
    else this.forget(key, delivery);
  }

  /** Removes the record of a delivery. */
  removeStored(key: number, sequence: number, removal: Removal): void {
    this.of(key).deliveries.set(sequence, removal);
  }

  /**
   * Forgets the put of a delivery that is removed by a later batch: it is done, so that nobody
   * misses it whichever of the two a crash leaves out.
   *
   * @returns whether nothing of it is left to remove from the medium.
   */
  cancelDelivery(key: number, delivery: Delivery): boolean {
    const deliveries = this.owners.get(key)?.deliveries;
    if (deliveries === undefined) return false;
    if (!delivery.isStored) {
      if (!deliveries.delete(delivery.sequence)) return false;
      this.weight -= RECORD_WEIGHT;
      return true;
    }
    if (!deliveries.has(delivery.sequence)) return false;
    deliveries.set(delivery.sequence, delivery.storedPayload);
    return true;
  }

  /**
   * Takes out the removals of single deliveries, and of Wills that are never sent: what nobody waits
   * for, in any order.
   */
  splitRemovals(): Batch {
    const removals = new Batch();
    for (const [key, { deliveries }] of this.owners) {
      for (const [sequence, delivery] of deliveries) {
        if (typeof delivery !== "number") continue;
        deliveries.delete(sequence);
        removals.removeStored(key, sequence, delivery);
      }
    }
    for (const key of this.#discardedWills) {
      if (this.wills.delete(key)) removals.discardWill(key);
    }
    this.#discardedWills.clear();
    return removals;
  }

  /** Takes back whatever it says about a delivery that an older batch has dealt with. */
  forget(key: number, delivery: Delivery): void {
    const wasThere = this.owners.get(key)?.deliveries.delete(delivery.sequence);
    if (wasThere === true) this.weight -= RECORD_WEIGHT;
  }

  /**
   * Identifiers come and go alternately: if the first change here is that it came, it was not
   * stored before, and its going leaves nothing to do.
   */
  deleteInbound(key: number, packetId: number): void {
    const { inbound } = this.of(key);
    const isFresh = (inbound.get(packetId) ?? false) !== false && !this.isRetried;
    if (isFresh && !this.#inboundBefore.has(idOf(key, packetId))) {
      inbound.delete(packetId);
    } else {
      inbound.set(packetId, false);
      this.#inboundBefore.add(idOf(key, packetId));
    }
  }

  deleteWill(key: number): void {
    if (this.wills.get(key) === undefined || this.isRetried) this.wills.set(key, undefined);
    else this.wills.delete(key);
  }

  /** The same for a Will that is never sent: nothing else must be durable together with that. */
  discardWill(key: number): void {
    this.deleteWill(key);
    this.#discardedWills.add(key);
  }

  /** Of the Wills that it removes, those that are never sent. */
  readonly #discardedWills = new Set<number>();

  /** Inbound identifiers that were stored when this batch began. */
  readonly #inboundBefore = new Set<string>();

  /** Takes out what a later batch of the same commit removes with its owner. [M25] */
  dropOwnersDeletedBy(later: Batch): void {
    if (!later.hasDeleted) return;
    for (const [key, { isDeleted }] of later.owners) if (isDeleted) this.owners.delete(key);
  }

  /** Lays `older`, which could not be committed, under this batch. */
  adopt(older: Batch): void {
    this.isRetried = true;
    if (older.isUrgent) this.isUrgent = true;
    if (older.hasDeleted) this.hasDeleted = true;
    this.weight += older.weight;
    for (const [key, before] of older.owners) {
      const now = this.owners.get(key);
      before.isNew = false; // that commit may have made it
      if (now === undefined) {
        this.owners.set(key, before);
        continue;
      }
      now.isNew = false;
      if (now.isDeleted) continue;
      now.isDeleted = before.isDeleted;
      now.session ??= before.session;
      now.inbox ??= before.inbox;
      addMissing(now.subscriptions, before.subscriptions);
      addMissing(now.deliveries, before.deliveries);
      addMissing(now.inbound, before.inbound);
      addMissing(now.seen, before.seen);
    }
    addMissing(this.retained, older.retained);
    addMissing(this.wills, older.wills);
    for (const key of older.#discardedWills) this.#discardedWills.add(key);
  }
}

function idOf(key: number, packetId: number): string {
  return `${key}.${packetId}`;
}

function addMissing<K, V>(into: Entries<K, V>, from: Iterable<[K, V]>): void {
  for (const [key, value] of from) if (!into.has(key)) into.set(key, value);
}

/** What a Map and a TextMap have in common. */
interface Entries<K, V> {
  has(key: K): boolean;
  set(key: K, value: V): unknown;
}
