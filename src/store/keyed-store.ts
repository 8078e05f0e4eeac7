import type {
  InboxRecord,
  SessionRecord,
  StoredSession,
  StoreHome,
  WillRecord,
} from "../broker/store.js";
import type { QoS } from "../protocol/packet.js";
import type { Delivery } from "../session/delivery.js";
import type { DeliveryPages } from "../session/delivery-queue.js";
import type { Message } from "../session/message.js";
import type { Backend, Operation } from "./backend.js";
import { Batch } from "./batch.js";
import { encodeBatch, NEXT_KEY } from "./encode-batch.js";
import { ownerOf, packetIdOf, Table, tableRange } from "./keys.js";
import { OwnerCursor } from "./owner-cursor.js";
import { readPages } from "./pages.js";
import {
  decodeInbox,
  decodeJson,
  decodeRetained,
  decodeSession,
  decodeSubscription,
  decodeWill,
  Times,
} from "./records.js";

/** What a {@link KeyedStore} must be told. */
export interface KeyedStoreOptions {
  readonly backend: Backend;
  /**
   * Calls back when a batch is to be committed: all turns until then share one commit. Called when
   * the first turn of a batch is sealed; a home that commits at once calls back at once.
   */
  readonly gather: (commit: () => void) => void;
  /** Calls back after a failed commit, to try again. */
  readonly retry: (commit: () => void) => void;
  /** The time of day when the engine's time was 0. Default 0: the same clock for both. */
  readonly originMs?: number;
}

/**
 * A Store over ordered keys: batches, tickets and records, on whatever medium {@link Backend} is.
 *
 * Sealed turns gather in a batch; one batch is being committed while the next one gathers. A
 * commit that fails goes back under the next batch and is tried again, so that what was recorded
 * is written in the end, or cancelled by what came after it.
 */
export class KeyedStore implements StoreHome {
  /** Told after {@link committedTicket} was raised. */
  onCommitted: () => void = () => undefined;
  /** Told after each failed commit. */
  onFailed: (error: Error) => void = () => undefined;

  recorded = false;
  openTicket = 1;
  committedTicket = 0;

  readonly #backend: Backend;
  readonly #gather: (commit: () => void) => void;
  readonly #retry: (commit: () => void) => void;
  readonly #times: Times;
  #batch = new Batch();
  #committing: Batch | undefined;
  #isGathering = false;
  #whenIdle: (() => void) | undefined;
  #nextKey: number;
  #storedNextKey: number;

  /** @throws DamagedRecordError */
  constructor(options: KeyedStoreOptions) {
    this.#backend = options.backend;
    this.#gather = options.gather;
    this.#retry = options.retry;
    this.#times = new Times(options.originMs ?? 0);
    this.#storedNextKey = this.#readNextKey();
    this.#nextKey = this.#storedNextKey;
  }

  /** Whether everything sealed is durable. */
  get isIdle(): boolean {
    return this.committedTicket === this.openTicket - 1;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.isIdle) resolve();
      else this.#whenIdle = resolve;
    });
    await this.#backend.close();
  }

  nextKey(): number {
    this.#nextKey += 1;
    return this.#nextKey;
  }

  putSession(record: SessionRecord): void {
    this.#owner(record.key).session = record;
  }

  putInbox(record: InboxRecord): void {
    this.#owner(record.key).inbox = record;
  }

  deleteOwner(key: number): void {
    this.recorded = true;
    this.#batch.deleteOwner(key);
  }

  putSubscription(key: number, topicFilter: string, grantedQos: QoS): void {
    this.#owner(key).subscriptions.set(topicFilter, grantedQos);
  }

  deleteSubscription(key: number, topicFilter: string): void {
    this.#owner(key).subscriptions.set(topicFilter, undefined);
  }

  putDelivery(key: number, delivery: Delivery): void {
    this.#owner(key).deliveries.set(delivery.sequence, delivery);
  }

  deleteDelivery(key: number, delivery: Delivery): void {
    this.recorded = true;
    this.#batch.deleteDelivery(key, delivery);
  }

  putInbound(key: number, packetId: number): void {
    this.#owner(key).inbound.set(packetId, true);
  }

  deleteInbound(key: number, packetId: number): void {
    this.recorded = true;
    this.#batch.deleteInbound(key, packetId);
  }

  putRetained(message: Message): void {
    this.recorded = true;
    this.#batch.retained.set(message.topicName, message);
  }

  deleteRetained(topicName: string): void {
    this.recorded = true;
    this.#batch.retained.set(topicName, undefined);
  }

  putWill(record: WillRecord): void {
    this.recorded = true;
    this.#batch.wills.set(record.key, record);
  }

  deleteWill(key: number): void {
    this.recorded = true;
    this.#batch.deleteWill(key);
  }

  seal(): number {
    const ticket = this.openTicket;
    this.recorded = false;
    this.openTicket += 1;
    if (!this.#isGathering && this.#committing === undefined) {
      this.#isGathering = true;
      this.#gather(() => this.#commit());
    }
    return ticket;
  }

  pagesOf(key: number): DeliveryPages {
    return {
      read: (after, countMax, into) => {
        const layers = [this.#committing?.owners.get(key), this.#batch.owners.get(key)];
        readPages(this.#backend, this.#times, layers, key, after, countMax, into);
      },
    };
  }

  /** One pass over three tables: all are in the order of owners. */
  *sessions(): Iterable<StoredSession> {
    const subscriptions = new OwnerCursor(this.#table(Table.SUBSCRIPTION));
    const inbound = new OwnerCursor(this.#table(Table.INBOUND));
    for (const { key, value } of this.#table(Table.SESSION)) {
      const owner = ownerOf(key);
      yield {
        ...decodeSession(value, owner, this.#times),
        subscriptions: subscriptions.take(owner, (entry) => decodeSubscription(entry.value)),
        inbound: inbound.take(owner, (entry) => packetIdOf(entry.key)),
      };
    }
  }

  *inboxes(): Iterable<InboxRecord> {
    for (const { key, value } of this.#table(Table.INBOX)) yield decodeInbox(value, ownerOf(key));
  }

  *retained(): Iterable<Message> {
    for (const { value } of this.#table(Table.RETAINED)) yield decodeRetained(value);
  }

  *wills(): Iterable<WillRecord> {
    for (const { key, value } of this.#table(Table.WILL)) yield decodeWill(value, ownerOf(key));
  }

  #owner(key: number): ReturnType<Batch["of"]> {
    this.recorded = true;
    const changes = this.#batch.of(key);
    if (key > this.#storedNextKey && !changes.isDeleted) this.#markNew(key, changes);
    return changes;
  }

  /** A number given out since the last commit: nothing is stored under it. */
  #markNew(key: number, changes: ReturnType<Batch["of"]>): void {
    if (this.#committing?.owners.has(key) !== true) changes.isNew = true;
  }

  /** Commits what has gathered, unless a commit is under way: that one goes on with the rest. */
  #commit(): void {
    this.#isGathering = false;
    if (this.#committing !== undefined) return;
    const batch = this.#batch;
    const ticket = this.openTicket - 1;
    const nextKey = this.#nextKey;
    const operations = this.#encode(batch, nextKey);
    this.#batch = new Batch();
    if (operations.length === 0) {
      this.#committed(ticket);
      return;
    }
    this.#committing = batch;
    this.#backend.commit(operations, (error) => {
      this.#committing = undefined;
      if (error === undefined) {
        this.#storedNextKey = nextKey;
        this.#committed(ticket);
        if (!this.#batch.isEmpty || !this.isIdle) this.#commitNext();
      } else {
        this.#failed(batch, error);
      }
    });
  }

  #encode(batch: Batch, nextKey: number): Operation[] {
    const changed = nextKey === this.#storedNextKey ? undefined : nextKey;
    return encodeBatch(batch, changed, this.#times);
  }

  #committed(ticket: number): void {
    this.committedTicket = ticket;
    this.onCommitted();
    if (this.isIdle) this.#whenIdle?.();
  }

  #commitNext(): void {
    if (this.#isGathering || this.isIdle) return;
    this.#isGathering = true;
    this.#gather(() => this.#commit());
  }

  #failed(batch: Batch, error: Error): void {
    this.#batch.adopt(batch);
    this.#isGathering = true;
    this.#retry(() => this.#commit());
    this.onFailed(error);
  }

  #table(table: Table, owner?: number): ReturnType<Backend["entries"]> {
    const { from, to } = tableRange(table, owner);
    return this.#backend.entries(from, to);
  }

  #readNextKey(): number {
    const end = Uint8Array.from([...NEXT_KEY, 0]);
    for (const { value } of this.#backend.entries(NEXT_KEY, end)) {
      return Number(decodeJson(value, "next key"));
    }
    return 0;
  }
}
