import type {
  CommitCounts,
  InboxRecord,
  SessionRecord,
  StoredSession,
  StoreHome,
  WillRecord,
} from "../ports/store.js";
import type { QoS } from "../protocol/packet.js";
import type { Delivery } from "../session/delivery.js";
import type { DeliveryPages } from "../session/delivery-queue.js";
import type { Message } from "../session/message.js";
import { mapKey } from "../topic/map-key.js";
import type { Backend } from "./backend.js";
import { Batch, type OwnerChanges } from "./batch.js";
import { encodeBatch } from "./encode-batch.js";
import type { KeyedStoreOptions } from "./keyed-store-options.js";
import { OwnerPages, type ReadPages, readPages } from "./pages.js";
import { Times } from "./records.js";
import { StoredState } from "./stored-state.js";
import { Unsettled } from "./unsettled.js";

/**
 * A Store over ordered keys: batches, tickets and records, on whatever medium {@link Backend} is.
 *
 * Sealed turns gather in a batch. A batch of nothing but messages on their way to connected
 * Clients ripens while the next one gathers: most of it is acknowledged meanwhile, and needs no
 * disk any more. (Four records in ten reached the disk without this: see CHANGELOG.) Any other
 * batch is committed at once, with the ripe one before it; one commit is under way at a time. A
 * commit that fails goes back under the next batch and is tried again, so that what was recorded
 * is written in the end, or cancelled by what came after it.
 */
export class KeyedStore implements StoreHome {
  onCommitted: () => void = () => undefined;
  onFailed: (error: Error) => void = () => undefined;

  recorded = false;
  openTicket = 1;
  committedTicket = 0;
  hasSettled = false;
  readonly counts: CommitCounts = { commits: 0, turns: 0, records: 0, failures: 0 };

  readonly #backend: Backend;
  readonly #gather: KeyedStoreOptions["gather"];
  readonly #retry: KeyedStoreOptions["retry"];
  readonly #times: Times;
  readonly #stored: StoredState;
  readonly #unsettled = new Unsettled();
  readonly #readPages: ReadPages = (key, after, countMax, into) => {
    const batches = [...this.#committing, this.#ripe, this.#batch];
    const layers = batches.map((batch) => batch?.owners.get(key));
    readPages(this.#backend, this.#times, layers, key, after, countMax, into);
  };
  #batch = new Batch();
  /** Its turns come before those of `#batch`, and after those being committed. */
  #ripe: Batch | undefined;
  #ripeTicket = 0;
  #committing: readonly Batch[] = [];
  #isGathering = false;
  /** Commits that have failed since the last whole one. */
  #failures = 0;
  /** Ends the wait of {@link close}. */
  #whenClosable: (() => void) | undefined;
  #nextKey: number;
  #storedNextKey: number;

  /** @throws DamagedRecordError */
  constructor(options: KeyedStoreOptions) {
    this.#backend = options.backend;
    this.#gather = options.gather;
    this.#retry = options.retry;
    this.#times = new Times(options.originMs ?? 0);
    this.#stored = new StoredState(options.backend, this.#times);
    this.#storedNextKey = this.#stored.nextKey();
    this.#nextKey = this.#storedNextKey;
  }

  /** Whether everything sealed is durable. */
  get isIdle(): boolean {
    return this.committedTicket === this.openTicket - 1;
  }

  /** What cannot be made durable by then is tried once more, and given up. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.isIdle) resolve();
      else this.#whenClosable = resolve;
    });
    await this.#backend.close();
  }

  nextKey(): number {
    this.#nextKey += 1;
    return this.#nextKey;
  }

  isSettled(ticket: number): boolean {
    return ticket <= this.committedTicket || this.#unsettled.isSettled(ticket);
  }

  putSession(record: SessionRecord): void {
    this.#owner(record.key).session = record;
  }

  putInbox(record: InboxRecord): void {
    this.#owner(record.key).inbox = record;
  }

  deleteOwner(key: number): void {
    this.#ripe?.owners.delete(key); // one commit takes both: its range is looked up before that
    this.#urgent().deleteOwner(key);
  }

  putSubscription(key: number, topicFilter: string, grantedQos: QoS): void {
    this.#owner(key).subscriptions.set(mapKey(topicFilter), grantedQos);
  }

  deleteSubscription(key: number, topicFilter: string): void {
    this.#owner(key).subscriptions.set(mapKey(topicFilter), undefined);
  }

  putDelivery(key: number, delivery: Delivery): void {
    this.recorded = true;
    this.#batch.putDelivery(key, delivery);
    if (delivery.isStored || delivery.storeTicket !== 0) return; // its turn is settled as before
    delivery.storeTicket = this.openTicket;
    this.#unsettled.add(this.openTicket);
  }

  deleteDelivery(key: number, delivery: Delivery): void {
    this.recorded = true;
    const { storeTicket } = delivery;
    if (storeTicket !== 0) {
      delivery.storeTicket = 0;
      if (this.#unsettled.remove(storeTicket)) this.hasSettled = true;
    }
    if (this.#ripe?.cancelDelivery(key, delivery) === true) this.#batch.forget(key, delivery);
    else this.#batch.deleteDelivery(key, delivery);
  }

  putInbound(key: number, packetId: number): void {
    this.#owner(key).inbound.set(packetId, true);
  }

  deleteInbound(key: number, packetId: number): void {
    this.#urgent().deleteInbound(key, packetId);
  }

  putRetained(message: Message): void {
    this.#urgent().retained.set(mapKey(message.topicName), message);
  }

  deleteRetained(topicName: string): void {
    this.#urgent().retained.set(mapKey(topicName), undefined);
  }

  putWill(record: WillRecord): void {
    this.#urgent().wills.set(record.key, record);
  }

  deleteWill(key: number): void {
    this.#urgent().deleteWill(key);
  }

  seal(): number {
    const ticket = this.openTicket;
    this.recorded = false;
    this.openTicket += 1;
    if (this.#committing.length === 0) this.#gatherMore();
    return ticket;
  }

  pagesOf(key: number): DeliveryPages {
    return new OwnerPages(this.#readPages, key);
  }

  sessions(): Iterable<StoredSession> {
    return this.#stored.sessions();
  }

  inboxes(): Iterable<InboxRecord> {
    return this.#stored.inboxes();
  }

  retained(): Iterable<Message> {
    return this.#stored.retained();
  }

  wills(): Iterable<WillRecord> {
    return this.#stored.wills();
  }

  /** The batch, for a record that only a commit can settle. */
  #urgent(): Batch {
    this.recorded = true;
    this.#unsettled.add(this.openTicket);
    this.#batch.isUrgent = true;
    return this.#batch;
  }

  #owner(key: number): OwnerChanges {
    const changes = this.#urgent().of(key);
    if (key > this.#storedNextKey && !changes.isDeleted) this.#markNew(key, changes);
    return changes;
  }

  /** A number given out since the last commit: nothing is stored under it. */
  #markNew(key: number, changes: OwnerChanges): void {
    const older = [...this.#committing, this.#ripe];
    changes.isNew ||= !older.some((batch) => batch?.owners.has(key));
  }

  #gatherMore(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#gather(() => this.#commit());
  }

  /** Commits what is due, unless a commit is under way: that one goes on with the rest. */
  #commit(): void {
    this.#isGathering = false;
    if (this.#committing.length > 0) return;
    if (this.#failures > 0 && this.#writeRemovals()) return;
    const due: Batch[] = this.#ripe === undefined ? [] : [this.#ripe];
    let ticket = this.#ripeTicket;
    this.#ripe = undefined;
    this.#ripeTicket = this.openTicket - 1;
    if (this.#batch.isUrgent || this.#batch.isEmpty) {
      due.push(this.#batch);
      ticket = this.#ripeTicket;
    } else {
      this.#ripe = this.#batch;
    }
    this.#batch = new Batch();
    this.#write(due, ticket);
  }

  /**
   * While commits fail, what is done is removed by itself, before anything new is tried: that needs
   * no room on a disk that is full, and makes some. [J04] @returns whether there was any.
   */
  #writeRemovals(): boolean {
    const removals = this.#batch.splitRemovals();
    if (removals.isEmpty) return false;
    this.#write([removals], this.committedTicket);
    return true;
  }

  /** @param ticket - The last turn in it; the one committed last for a part of what is to come. */
  #write(due: readonly Batch[], ticket: number): void {
    const isPart = ticket === this.committedTicket;
    const nextKey = isPart ? this.#storedNextKey : this.#nextKey;
    const changed = nextKey === this.#storedNextKey ? undefined : nextKey;
    const operations = due.flatMap((batch) => encodeBatch(batch, changed, this.#times));
    if (operations.length === 0) {
      this.#committed(ticket);
      return;
    }
    this.#committing = due;
    this.#backend.commit(operations, (error) => {
      this.#committing = [];
      if (error !== undefined) {
        this.#failed(due, error);
        return;
      }
      if (!isPart) this.#failures = 0;
      this.#storedNextKey = nextKey;
      this.counts.commits += 1;
      this.counts.turns += ticket - this.committedTicket;
      this.counts.records += operations.length;
      this.#committed(ticket);
    });
  }

  #committed(ticket: number): void {
    if (ticket > this.committedTicket) {
      this.committedTicket = ticket;
      this.#unsettled.forget(ticket);
      this.onCommitted();
    }
    if (this.isIdle) this.#whenClosable?.();
    else this.#gatherMore();
  }

  #failed(due: readonly Batch[], error: Error): void {
    if (this.#ripe !== undefined) this.#batch.adopt(this.#ripe);
    for (const batch of due.toReversed()) this.#batch.adopt(batch);
    this.#ripe = undefined;
    this.#batch.isUrgent = true;
    this.counts.failures += 1;
    this.#failures += 1;
    this.#isGathering = true; // until the next try, whatever is sealed meanwhile
    this.onFailed(error);
    if (this.#whenClosable === undefined) this.#retry(() => this.#commit(), this.#failures);
    else this.#whenClosable();
  }
}
