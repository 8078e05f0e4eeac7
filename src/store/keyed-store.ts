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
import type { SeenMessage } from "../session/seen.js";
import type { Backend } from "./backend.js";
import { type Batch, type OwnerChanges, UNREADABLE } from "./batch.js";
import { Commits } from "./commits.js";
import type { KeyedStoreOptions } from "./keyed-store-options.js";
import { NO_IDENTIFIER } from "./keys.js";
import { Numbers } from "./numbers.js";
import { OwnerPages, type PagesSource, type ReadPages, readPages } from "./pages.js";
import { Payloads } from "./payloads.js";
import type { DamagedRecordError } from "./seal.js";
import { StoredState } from "./stored-state.js";
import { Times } from "./times.js";
import { Unsettled } from "./unsettled.js";

/**
 * A Store over ordered keys: records, tickets and commits, on whatever medium {@link Backend} is.
 */
export class KeyedStore implements StoreHome {
  onCommitted: () => void = () => undefined;
  onFailed: (error: Error) => void = () => undefined;
  onDamaged: (error: Error) => void = () => undefined;

  recorded = false;
  openTicket = 1;
  committedTicket = 0;
  hasSettled = false;
  readonly #backend: Backend;
  readonly #stored: StoredState;
  readonly #numbers: Numbers;
  readonly #commits: Commits;
  readonly #unsettled = new Unsettled();
  readonly #readPages: ReadPages;
  #untold: readonly Error[];
  #closing: Promise<void> | undefined;

  /** @throws DamagedRecordError */
  constructor(options: KeyedStoreOptions) {
    const { backend, originMs = 0, nowMs, damaged = [] } = options;
    const times = new Times(originMs);
    this.#backend = backend;
    this.#stored = new StoredState(backend, times);
    this.#numbers = new Numbers(this.#stored.nextKey(), times, nowMs);
    const payloads = new Payloads(backend, () => this.#numbers.next());
    this.#commits = new Commits(options, times, this.#numbers, payloads, {
      onCommitted: (ticket) => {
        this.committedTicket = ticket;
        this.#unsettled.forget(ticket);
        this.onCommitted();
      },
      onFailed: (error) => this.onFailed(error),
    });
    this.#untold = damaged;
    this.#commits.counts.damaged = damaged.length;
    this.#readPages = pagesOver(this.#commits, {
      backend,
      times,
      find: payloads.find,
      onDamaged: (owner, sequence, error) => this.#dropDamaged(owner, sequence, error),
    });
  }

  get counts(): Readonly<CommitCounts> {
    return this.#commits.counts;
  }

  /** Whether everything sealed is durable. */
  get isIdle(): boolean {
    return this.#commits.isIdle;
  }

  get isReady(): boolean {
    return !this.#commits.isFailing && this.#backend.outage === undefined;
  }

  /** Tells what was dropped before the store was opened. Call it when somebody listens. */
  tellDamaged(): void {
    for (const error of this.#untold) this.onDamaged(error);
    this.#untold = [];
  }

  /** Keeps the time, when nothing else is committed. Call it between turns, about once a minute. */
  keepTime(): void {
    if (this.#numbers.isTimeDue) this.seal();
  }

  /** What cannot be made durable by then is tried once more, and given up. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#numbers.forgetTime();
    this.keepTime();
    await this.#commits.settled();
    await this.#backend.close();
  }

  nextKey(): number {
    return this.#numbers.next();
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
    this.#urgent().deleteOwner(key);
  }

  putSubscription(key: number, topicFilter: string, grantedQos: QoS): void {
    this.#owner(key).subscriptions.set(topicFilter, grantedQos);
  }

  deleteSubscription(key: number, topicFilter: string): void {
    this.#owner(key).subscriptions.set(topicFilter, undefined);
  }

  putDelivery(key: number, delivery: Delivery): void {
    this.recorded = true;
    this.#commits.batch.putDelivery(key, delivery);
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
    this.#commits.deleteDelivery(key, delivery);
  }

  putInbound(key: number, packetId: number, number = 0): void {
    this.#owner(key).inbound.set(packetId, number === 0 || number);
  }

  putReleased(key: number, packetId: number, number: number): void {
    this.#owner(key).inbound.set(packetId, -number);
  }

  putNumberFloor(key: number, floor: number): void {
    this.#owner(key).inbound.set(NO_IDENTIFIER, floor);
  }

  putSeen(key: number, publisherId: string, all: readonly SeenMessage[] | undefined): void {
    this.#owner(key).seen.set(publisherId, all);
  }

  deleteInbound(key: number, packetId: number): void {
    this.#urgent().deleteInbound(key, packetId);
  }

  putRetained(message: Message): void {
    this.#urgent().retained.set(message.topicName, message);
  }

  deleteRetained(topicName: string): void {
    this.#urgent().retained.set(topicName, undefined);
  }

  putWill(record: WillRecord): void {
    this.#urgent().wills.set(record.key, record);
  }

  deleteWill(key: number): void {
    this.#urgent().deleteWill(key);
  }

  discardWill(key: number): void {
    this.#urgent().discardWill(key);
  }

  seal(): number {
    const ticket = this.openTicket;
    this.recorded = false;
    this.openTicket += 1;
    this.#commits.seal(ticket);
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
    this.#commits.batch.isUrgent = true;
    return this.#commits.batch;
  }

  #owner(key: number): OwnerChanges {
    const batch = this.#urgent();
    const changes = batch.of(key);
    const mayBeNew = !changes.isDeleted && !batch.isRetried;
    if (mayBeNew && !this.#numbers.isStored(key)) this.#markNew(key, changes);
    return changes;
  }

  /** A number given out since the last commit: nothing is stored under it. */
  #markNew(key: number, changes: OwnerChanges): void {
    changes.isNew ||= !this.#commits.unwritten.some(({ owners }) => owners.has(key));
  }

  /** A record is not what was written: it goes, and is told, and the others stay. [J06] */
  #dropDamaged(owner: number, sequence: number, error: DamagedRecordError): void {
    this.recorded = true;
    this.#commits.batch.removeStored(owner, sequence, UNREADABLE);
    this.#commits.counts.damaged += 1;
    this.onDamaged(error);
  }
}

function pagesOver(commits: Commits, source: PagesSource): ReadPages {
  return (key, after, countMax, into) => {
    const layers = commits.unwritten.map(({ owners }) => owners.get(key));
    layers.push(commits.batch.owners.get(key));
    readPages(source, layers, key, after, countMax, into);
  };
}
