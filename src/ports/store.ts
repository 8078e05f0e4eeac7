import type { QoS, Will } from "../protocol/packet.js";
import type { Delivery } from "../session/delivery.js";
import type { DeliveryPages } from "../session/delivery-queue.js";
import type { Message } from "../session/message.js";
import type { NumberedIdentifier } from "../session/numbering.js";
import type { SeenMessage } from "../session/seen.js";

/** A Session as it is kept: who it belongs to, and since when nobody is connected. */
export interface SessionRecord {
  /** Its number, 1 and up, from {@link Store.nextKey}. */
  readonly key: number;
  readonly clientId: string;
  readonly username: string | undefined;
  /** In the engine's time; 0 while a Client is connected. */
  readonly offlineSinceMs: number;
  /** It belongs to a bridge. Default false. */
  readonly isBridge?: boolean;
  /** It comes from another node, whose it is until all nodes say otherwise. Default false. */
  readonly isArriving?: boolean;
  /** Numbers of QoS 2 messages up to this one are not its Client's, or over. Default 0: not known. [M36] */
  readonly numberFloor?: number;
}

/** A Session at the start, with all that is read at once. Its deliveries are read on demand. */
export interface StoredSession extends SessionRecord {
  readonly subscriptions: readonly (readonly [topicFilter: string, grantedQos: QoS])[];
  /** QoS 2 identifiers that wait for their PUBREL. */
  readonly inbound: readonly number[];
  /** Of these, those with numbers, and others. [M36] */
  readonly numbered?: readonly NumberedIdentifier[];
  /** QoS 2 messages that it has been given, by the publisher. [M36] */
  readonly seen?: readonly (readonly [publisherId: string, all: readonly SeenMessage[]])[];
}

/** The Will of a connected Client, published when the server comes back after a crash. */
export interface WillRecord {
  readonly key: number;
  readonly clientId: string;
  readonly username: string | undefined;
  /** Where it came in: rules may depend on it. */
  readonly listener?: string | undefined;
  readonly senderIsDurable: boolean;
  readonly will: Will;
}

/** Who owns an inbox: deliveries outside any Session. [P7] */
export interface InboxRecord {
  readonly key: number;
  readonly clientId: string;
}

/**
 * The port to durable state. The engine records changes during a turn and seals them at its end;
 * the home of the Store makes them durable in the order of tickets, all of one ticket or nothing,
 * raises {@link committedTicket}, and tells the broker (`Broker.committed`). Acknowledgements wait
 * for that, or until there is nothing left that would have to be durable. [M26]
 *
 * Recording never fails and never waits. A record refers to live objects until its turn is sealed:
 * the home turns it into bytes then or later in the same turn of the event loop, not after.
 */
export interface Store {
  /** Whether the current turn has recorded anything. A plain field: read once a packet. */
  readonly recorded: boolean;
  /** The ticket that the records of the current turn belong to: one more than the last sealed. */
  readonly openTicket: number;
  /** All tickets up to this one are durable. */
  readonly committedTicket: number;
  /**
   * Set by the home when a ticket became settled before its commit, cleared by the broker, which
   * looks once in a turn of the event loop what may be sent now.
   */
  hasSettled: boolean;
  /**
   * Whether what a turn has recorded so far is durable, or need not be any more: its deliveries
   * have reached their receivers or were given up. Unlike {@link committedTicket} it says nothing
   * about earlier turns.
   */
  isSettled(ticket: number): boolean;
  /** A number for a new Session, inbox or Will, never given out before. */
  nextKey(): number;

  putSession(record: SessionRecord): void;
  putInbox(record: InboxRecord): void;
  /** Removes a Session or inbox with everything under its key. */
  deleteOwner(key: number): void;
  putSubscription(key: number, topicFilter: string, grantedQos: QoS): void;
  deleteSubscription(key: number, topicFilter: string): void;
  /** Keeps a delivery under its sequence, as it stands at the end of the turn. */
  putDelivery(key: number, delivery: Delivery): void;
  deleteDelivery(key: number, delivery: Delivery): void;
  /** @param number - Of the message that other nodes were handed; 0: it has none. [M36] */
  putInbound(key: number, packetId: number, number?: number): void;
  /** Nobody knew the identifier when it was released: up to that number whatever had it is over. [M36] */
  putReleased(key: number, packetId: number, number: number): void;
  /** Whatever a Client has published up to that number is over. [M36] */
  putNumberFloor(key: number, floor: number): void;
  /** QoS 2 messages of that publisher that a Session has been given; `undefined`: they are forgotten. [M36] */
  putSeen(key: number, publisherId: string, all: readonly SeenMessage[] | undefined): void;
  deleteInbound(key: number, packetId: number): void;
  putRetained(message: Message): void;
  deleteRetained(topicName: string): void;
  putWill(record: WillRecord): void;
  /** It is sent: gone together with what this turn has recorded of its deliveries. */
  deleteWill(key: number): void;
  /** It is never sent: gone as soon as can be, whatever else the disk can take. [MQTT-3.1.2-10] */
  discardWill(key: number): void;

  /**
   * Ends the records of a turn: when {@link recorded}, or when its promises wait for something else.
   *
   * @returns its ticket.
   */
  seal(): number;
  /** The deliveries under a key, including what was recorded and is not durable yet. */
  pagesOf(key: number): DeliveryPages;

  /** What was durable when the home was opened. Each is read once, before the first turn. */
  sessions(): Iterable<StoredSession>;
  inboxes(): Iterable<InboxRecord>;
  retained(): Iterable<Message>;
  wills(): Iterable<WillRecord>;
}

/** What a home has committed since it was opened, and what it could not. */
export interface CommitCounts {
  commits: number;
  /** Turns in these commits; those that needed no disk after all are not counted. */
  turns: number;
  /** Records put and removed in them. */
  records: number;
  /** Commits that failed, each try for itself. */
  failures: number;
  /** Records that turned out not to be what was written, and were dropped. */
  damaged: number;
}

/** A Store with what its owner needs besides: to be told, and to be closed. */
export interface StoreHome extends Store {
  /** Counters: the live object. */
  readonly counts: Readonly<CommitCounts>;
  /** Called after {@link Store.committedTicket} was raised; perhaps inside a turn. */
  onCommitted: () => void;
  /** Called after each commit that failed; the home tries again by itself. */
  onFailed: (error: Error) => void;
  /** Called for each record that turned out to be damaged and was dropped; perhaps inside a turn. */
  onDamaged: (error: Error) => void;
  /** false: nothing is acknowledged now, because the last commit failed or the medium is gone. */
  readonly isReady: boolean;
  /** Makes everything sealed durable and lets go of the medium. */
  close(): Promise<void>;
}

const nothing = (): void => undefined;
const NO_PAGES: DeliveryPages = { read: nothing };

/**
 * No Store: everything is in memory only, and durable enough at once. It counts turns all the same:
 * what a turn promises may wait for something else than a disk.
 */
export function noStore(): Store {
  return {
    recorded: false,
    openTicket: 1,
    committedTicket: 0,
    hasSettled: false,
    isSettled: () => true,
    nextKey: () => 0,
    putSession: nothing,
    putInbox: nothing,
    deleteOwner: nothing,
    putSubscription: nothing,
    deleteSubscription: nothing,
    putDelivery: nothing,
    deleteDelivery: nothing,
    putInbound: nothing,
    putReleased: nothing,
    putNumberFloor: nothing,
    putSeen: nothing,
    deleteInbound: nothing,
    putRetained: nothing,
    deleteRetained: nothing,
    putWill: nothing,
    deleteWill: nothing,
    discardWill: nothing,
    seal: sealInMemory,
    pagesOf: () => NO_PAGES,
    sessions: () => [],
    inboxes: () => [],
    retained: () => [],
    wills: () => [],
  };
}

/** Whether it gives back what was recorded: else everything is in memory only. */
export function readsBack(store: Store): boolean {
  return store.pagesOf(0) !== NO_PAGES;
}

function sealInMemory(this: { openTicket: number; committedTicket: number }): number {
  this.committedTicket = this.openTicket;
  this.openTicket += 1;
  return this.committedTicket;
}
