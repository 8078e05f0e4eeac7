/** A little over 300 lines: the tables that all parts share, one beside the other. */
import type { PacketReaderOptions } from "../codec/index.js";
import type { EngineEvents } from "../ports/events.js";
import type { Limits } from "../ports/limits.js";
import type { Settings } from "../ports/options.js";
import type { BlockPool } from "../ports/outbox.js";
import type { Identity, Policy } from "../ports/policy.js";
import type { CloseReason, DropReason } from "../ports/reasons.js";
import type { Store, WillRecord } from "../ports/store.js";
import { Unfinished } from "../ports/unfinished.js";
import { ProtocolError } from "../protocol/errors.js";
import type { Message } from "../session/message.js";
import { RetainedTree } from "../topic/retained-tree.js";
import { SubscriptionTrie } from "../topic/subscription-trie.js";
import { TextMap } from "../topic/text-map.js";
import { Authors } from "./authors.js";
import { Budgets } from "./budgets.js";
import { ClientDirectory } from "./client-directory.js";
import { type Cluster, NO_CLUSTER } from "./cluster.js";
import { type Connection, hasMuch, Phase } from "./connection.js";
import { DeadlineWheel } from "./deadline-wheel.js";
import { deadlineOf } from "./deadlines.js";
import { DueReceipts } from "./due-receipts.js";
import { DurableWaits } from "./durable-waits.js";
import { FilterAccounts } from "./filter-accounts.js";
import { HandedOn } from "./handed-on.js";
import { Inboxes } from "./inboxes.js";
import { Memory } from "./memory.js";
import { Obligations } from "./obligations.js";
import { Arena, Publication } from "./publication.js";
import type { Question } from "./question.js";
import { readerOptionsOf } from "./reader-options.js";
import { allowReading, isStoppedFor, StopReason, stopReading } from "./reading.js";
import { type Route, RouteTable } from "./route-table.js";
import { Shares, type Subscriber } from "./shares.js";
import { Stats } from "./stats.js";
import { Chain, type Task } from "./task.js";
import { Unflushed } from "./unflushed.js";
import { Usage } from "./usage.js";

/**
 * A message to 15,000 receivers has a block waiting for each: from so many bytes of blocks on they
 * are flushed in the midst of the turn.
 */
const UNFLUSHED_BYTES_MAX = 64 * 1024 * 1024;
/** So many of them at once, those that have waited longest. */
const FLUSHED_AT_ONCE = 64;

/** What a late answer needs of the turns around it. */
export interface TurnRunner {
  run<T>(nowMs: number, work: () => T): T;
  /** Works on what the connection has sent and was not looked at yet. */
  advance(connection: Connection): void;
}

/** The tables that all parts of the broker work on, and what a turn leaves to its end. */
export class Core {
  readonly limits: Limits;
  readonly settings: Settings;
  readonly policy: Policy;
  readonly events: EngineEvents;
  readonly pool: BlockPool;
  readonly store: Store;
  readonly inboxes: Inboxes;
  readonly budgets: Budgets;
  readonly stats: Stats;
  readonly obligations: Obligations;
  readonly durableWaits: DurableWaits;
  readonly handedOn = new HandedOn();
  readonly dueReceipts = new DueReceipts();
  readonly sessions = new ClientDirectory();
  readonly trie = new SubscriptionTrie<Subscriber>();
  readonly shares = new Shares(this.trie);
  readonly filterAccounts: FilterAccounts;
  readonly memory: Memory;
  /** Sessions that were on their way here from another node when an earlier run ended. */
  readonly arriving = new Set<string>();
  /** Wills of Clients that were connected when an earlier run ended, until others can get them. */
  leftWills: WillRecord[] = [];
  /** Part of no Session. [MQTT-3.1.2-7] */
  readonly retained = new RetainedTree<Message>();
  readonly authors: Authors;
  readonly wheel = new DeadlineWheel<Connection>();
  readonly connections = new Set<Connection>();
  /** Connections with retained messages to send although nothing is in the way but the time. */
  readonly owing = new Set<Connection>();
  /** Connections whose rights have changed: their Subscriptions are to be looked at again. */
  readonly rechecking = new Set<Connection>();
  /**
   * Connections whose last turn was not enough for them, those that are still to be closed, and tasks
   * of nobody's: in turn.
   */
  readonly busy = new Set<Connection | Task>();
  /** Connections that have had no turn for what they have sent, and cause little otherwise. */
  readonly waiting = new Set<Connection>();
  /** What is left to do of Clients whose connection has ended, by their Client Identifiers. [C15] */
  readonly remains = new TextMap<Task & { add(task: Task): void }>();
  /** What the broker's owner has published and not all receivers have yet. */
  readonly own = new Chain();
  /** What came of packets that are not whole. [M23] */
  readonly unfinished: Unfinished<Connection>;
  /** Who causes most work. */
  readonly usage = new Usage();
  /** Questions without an answer yet, the oldest first. */
  readonly questions = new Set<Question>();
  /** Connections that wait for the Store, or for another obligation. */
  readonly holding = new Set<Connection>();
  readonly turns: TurnRunner;
  /** The other nodes. */
  readonly cluster: Cluster;
  readonly arena = new Arena();
  readonly routes: RouteTable;
  readerOptions: PacketReaderOptions;
  /** Filled again for each PUBLISH. */
  readonly publication: Publication;
  /** Time of the current turn. */
  nowMs = 0;
  /**
   * Units of work that the present turn has left; at 0 or less it stops as soon as it can, and what
   * is left goes on in a later one. A unit is about what a delivery at QoS 0 costs.
   */
  workLeft = 0;
  /** Counts what Sessions have left: Subscriptions that have ended. */
  leaveCount = 0;
  /** How many Sessions have come from other nodes: who came last. */
  arriveCount = 0;
  /** Messages with many receivers that not all of them have yet. */
  fanOuts = 0;
  readonly #unflushed = new Unflushed<Connection>(hasMuch);
  #doomed: Connection[] = [];

  constructor(settings: Settings, turns: TurnRunner, cluster: Cluster = NO_CLUSTER) {
    this.turns = turns;
    this.cluster = cluster;
    this.budgets = new Budgets(settings.limits);
    this.memory = new Memory(settings.limits);
    this.authors = new Authors(settings);
    this.filterAccounts = new FilterAccounts(this.budgets.subscriptions);
    this.stats = new Stats(this.budgets, settings.pool, this.sessions, this.memory);
    this.obligations = new Obligations(settings.store);
    this.durableWaits = new DurableWaits(settings.store);
    this.limits = settings.limits;
    this.settings = settings;
    this.policy = settings.policy;
    this.events = settings.events;
    this.pool = settings.pool;
    this.store = settings.store;
    this.unfinished = new Unfinished(settings.limits.unfinishedTotalBytesMax);
    this.inboxes = new Inboxes(settings.limits, settings.store, this.memory.messages);
    this.routes = new RouteTable(settings.pointToPoint);
    this.publication = new Publication(this.routes.of("-"));
    this.readerOptions = readerOptionsOf(settings);
  }

  /**
   * Other limits from now on. What is above one stays and gets no more; a packet or topic may be as
   * large as it might when its Client connected.
   */
  changeLimits(limits: Partial<Limits>): void {
    Object.assign(this.limits, limits); // the one object that every part reads
    this.readerOptions = readerOptionsOf(this.settings);
    this.unfinished.bytesMax = this.limits.unfinishedTotalBytesMax;
    this.budgets.changeLimits(this.limits);
  }

  /**
   * Something was written to the outbox, whole packets: flush it at the end of the turn or loop tick,
   * or when there is too much of that.
   */
  touch(connection: Connection): void {
    if (!connection.dirty) {
      connection.dirty = true;
      this.#unflushed.add(connection);
    }
    if (this.pool.takenBytes > UNFLUSHED_BYTES_MAX) this.flush(FLUSHED_AT_ONCE);
  }

  /** Subscriptions of all Sessions, each member of a share counted. */
  get subscriptionCount(): number {
    return this.trie.size + this.shares.surplus - this.cluster.awayCount;
  }

  /** Connections that wait for {@link flush}. */
  get dirtyCount(): number {
    return this.#unflushed.count;
  }

  /** Of them, those that only small turns have touched. */
  get promptCount(): number {
    return this.#unflushed.promptCount;
  }

  /** A turn has ended: what it has touched is many connections, or few. */
  turnEnded(): void {
    this.#unflushed.turnEnded();
  }

  /** One flush for each touched connection, for so many at most. */
  flush(countMax = Number.POSITIVE_INFINITY): void {
    const { pool } = this;
    const count = Math.min(countMax, this.#unflushed.count);
    for (let flushed = 0; flushed < count; flushed += 1) {
      const connection = this.#unflushed.shift();
      if (connection === undefined) break;
      connection.dirty = false;
      pool.takenBytes -= connection.outbox.roomBytes;
      this.flushNow(connection);
    }
    if (this.#unflushed.count === 0 || pool.takenBytes < 0) pool.takenBytes = 0;
  }

  /**
   * Gives the transport what it takes, and starts the clock when it does not take all. A transport
   * that throws costs its own connection: the others are flushed all the same. [M24] [M06]
   */
  flushNow(connection: Connection): void {
    if (connection.phase === Phase.CLOSED) return;
    try {
      connection.link.flush(connection.outbox);
    } catch (error) {
      this.doomForError(connection, error);
      return;
    }
    if (connection.link.unsentBytes > 0 && connection.blockedSinceMs === 0) {
      connection.blockedSinceMs = this.nowMs;
      this.wheel.schedule(connection, deadlineOf(this.limits, connection));
    }
  }

  /**
   * This connection ends with the turn; from now on nothing it sent counts. Closing it here could
   * set off Wills, and these more closing, in the middle of a fan-out.
   */
  doom(connection: Connection, reason: CloseReason, violation?: ProtocolError): void {
    if (connection.phase === Phase.DOOMED || connection.phase === Phase.CLOSED) return;
    connection.phase = Phase.DOOMED;
    connection.doomReason = reason;
    connection.violation = violation;
    this.#doomed.push(connection);
  }

  doomAll(connections: readonly Connection[], reason: CloseReason): void {
    for (const connection of connections) this.doom(connection, reason);
  }

  /**
   * {@link doom} for whatever was thrown while a packet of this connection was worked on: also when
   * the fault is ours, and then nobody else notices. [MQTT-4.8.0-1] [MQTT-4.8.0-2]
   */
  doomForError(connection: Connection, error: unknown): void {
    if (error instanceof ProtocolError) {
      this.doom(connection, "violation", error);
      return;
    }
    this.events.onInternalError?.(error, connection.link.remoteAddress);
    this.doom(connection, "internal-error");
  }

  /** Takes away a reason not to read a peer; from then on its silence counts again. [M18] */
  readAgain(connection: Connection, reason: StopReason): void {
    if (!isStoppedFor(connection, reason)) return;
    allowReading(connection, reason);
    connection.lastPacketMs = this.nowMs;
    this.wheel.schedule(connection, deadlineOf(this.limits, connection));
  }

  /**
   * More work than this turn may do is left of what this peer has caused: it is not read, and goes on
   * in its turn.
   */
  postpone(connection: Connection): void {
    if (connection.hasOverspent) this.busy.add(connection);
    else this.waiting.add(connection);
    stopReading(connection, StopReason.BUDGET);
  }

  /** Whether a later turn is to go on with this connection. */
  isPostponed(connection: Connection): boolean {
    return this.busy.has(connection) || this.waiting.has(connection);
  }

  /** Whether connections wait for the end of a turn to be closed. */
  get hasDoomed(): boolean {
    return this.#doomed.length > 0;
  }

  nextDoomed(): Connection | undefined {
    return this.#doomed.pop();
  }

  /**
   * Counts and tells that a message, or its copy for one receiver, goes no further.
   *
   * @param sender - Where it is at hand: the Client whose message it is.
   */
  drop(
    reason: DropReason,
    topicName: string,
    receiverId: string | undefined,
    sender?: Identity,
  ): void {
    this.stats.drops[reason] += 1;
    this.events.onDrop?.(reason, topicName, receiverId, sender);
  }

  /** Whether Clients may publish to a topic that starts with `$`. [M8] */
  allowsDollar(route: Route): boolean {
    const { topicName } = route;
    if (this.policy.onServerMessage !== undefined && topicName.startsWith("$SYS/")) return false;
    return this.settings.dollarTopics.some((prefix) => topicName.startsWith(prefix));
  }
}
