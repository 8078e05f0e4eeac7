/** A little over 300 lines: it is all that drives the engine, one input beside the other. */
import { PacketReader } from "../codec/index.js";
import { clearQueue, endSessionOf } from "../handling/clearing.js";
import { nameForeign } from "../handling/foreign.js";
import { type Notice, notify } from "../handling/notifying.js";
import {
  addressed,
  checkOwnMessage,
  checkQos,
  checkTopicName,
  type DirectMessage,
  type DirectOutcome,
  dispatch,
  type OwnMessage,
  publishOwn,
} from "../handling/own-messages.js";
import { boundPostponed } from "../handling/packets.js";
import { recheck } from "../handling/rechecking.js";
import { restore } from "../handling/restoring.js";
import type { Limits } from "../ports/limits.js";
import type { Link } from "../ports/link.js";
import { type EngineOptions, settingsFrom } from "../ports/options.js";
import type { Identity } from "../ports/policy.js";
import type { CloseReason } from "../ports/reasons.js";
import { awaitsRoom, stopReadingDeaf } from "../sending/outgoing.js";
import type { Cluster } from "../state/cluster.js";
import { Connection, type ConnectionInputs, Phase } from "../state/connection.js";
import { copyOf } from "../state/copy-of.js";
import { Core } from "../state/core.js";
import { deadlineOf } from "../state/deadlines.js";
import { isStoppedFor, StopReason, stopReading } from "../state/reading.js";
import type { Stats } from "../state/stats.js";
import { View } from "../viewing/view.js";
import { type Gauges, gaugesOf } from "./gauges.js";
import { Housekeeping } from "./housekeeping.js";
import { hasSlices, Slices, sendOwed, stop } from "./slices.js";
import { Turns } from "./turns.js";

/**
 * The engine: MQTT 3.1.1 between Links, pure. It reads no clock and starts no timer: each input
 * brings `nowMs`, monotonic milliseconds from any origin above 0. Each input is a turn: when it
 * returns, all it caused has happened; only {@link flush} is left to the transport, which calls it
 * once for many turns.
 */
export class Broker implements ConnectionInputs {
  readonly #core: Core;
  readonly #turns = new Turns();
  readonly #slices = new Slices();
  readonly #housekeeping: Housekeeping;
  /** Who is connected, who subscribes, what is kept. */
  readonly view: View;

  /**
   * @param connect - Where this is one of many nodes: gives it the others.
   * @throws UsageError for an option that cannot be.
   */
  constructor(options: EngineOptions, connect?: (inputs: ConnectionInputs) => ClusterOf) {
    const cluster = connect?.(this);
    this.#core = new Core(settingsFrom(options), this.#turns, cluster);
    cluster?.serve(this.#core);
    this.#turns.serve(this.#core);
    this.#housekeeping = new Housekeeping(this.#core);
    this.view = new View(this.#core);
  }

  /**
   * Takes up what an earlier run left in the Store. Call it once, before anything else, when there
   * is a Store. O(Sessions + Subscriptions + retained messages); queues are not read.
   */
  restore(nowMs: number): void {
    this.#turns.run(nowMs, () => restore(this.#core));
  }

  /** Other limits from now on, checked by whoever has them. */
  readonly changeLimits = (limits: Partial<Limits>): void => this.#core.changeLimits(limits);

  /** The Store has made more durable: what waited for that is sent. [M26] */
  committed(nowMs: number): void {
    const { store, obligations, durableWaits } = this.#core;
    store.hasSettled = false;
    obligations.hasEnded = false;
    const isAwaited = this.#core.holding.size > 0 || obligations.hasWaiters;
    if (isAwaited || obligations.hasFailed || !durableWaits.isEmpty) {
      this.#turns.runWhole(nowMs, () => this.#turns.release());
    }
  }

  /**
   * The Store could not make durable what was sealed: whoever waits for that gets no
   * acknowledgement, but a closed connection. [MQTT-4.8.0-2] The home tries again by itself.
   */
  storeFailed(nowMs: number, failure: Error): void {
    const { holding, obligations } = this.#core;
    const waiting = [...holding].filter(
      ({ connecting, held }) => connecting !== undefined || held?.awaitsStore(obligations),
    );
    this.#closeAll(waiting, "store-failed", nowMs);
    obligations.tellStoreFailed(failure);
  }

  /** Counters and gauges: the live object. */
  get stats(): Readonly<Stats> {
    return this.#core.stats;
  }

  /** Gauges that the tables know. */
  get gauges(): Gauges {
    return gaugesOf(this.#core);
  }

  /** Whether a turn is under way: no input may be called then. */
  get inTurn(): boolean {
    return this.#turns.isOpen;
  }

  /** Connections that wait for {@link flush}. */
  get unflushedCount(): number {
    return this.#core.dirtyCount;
  }

  /** Of them, those that no turn with many receivers has touched: they are flushed first. */
  get promptCount(): number {
    return this.#core.promptCount;
  }

  /** Whether {@link work} has anything to do. */
  get needsWork(): boolean {
    const { store, obligations } = this.#core;
    const { isReleasing } = this.#turns;
    const { hasWork } = this.#core.cluster;
    if (isReleasing || store.hasSettled || obligations.hasEnded || hasWork) return true;
    return hasSlices(this.#core);
  }

  /**
   * Whether inputs are only taken down, until this is false again: what they ask for is done by
   * {@link work}, in turn. For a transport that has much to bring at once.
   */
  set isPostponing(isPostponing: boolean) {
    this.#turns.isPostponing = isPostponing;
  }

  /** A transport has a new connection. */
  open(link: Link, nowMs: number): Connection {
    const core = this.#core;
    const reader = new PacketReader(core.readerOptions);
    const connection = new Connection(link, reader, core.pool, this, nowMs);
    this.#turns.run(nowMs, () => {
      core.connections.add(connection);
      core.stats.connectionsOpened += 1;
      connection.number = core.stats.connectionsOpened;
      if (core.budgets.connections.hasRoom()) {
        core.wheel.schedule(connection, deadlineOf(core.limits, connection));
      } else {
        core.doom(connection, "too-many-connections");
      }
      core.budgets.connections.take();
    });
    return connection;
  }

  /** {@link Connection.receive} */
  receive(connection: Connection, bytes: Uint8Array, nowMs: number): void {
    if (nowMs >= this.#core.cluster.servesUntilMs) {
      this.#closeAll([...this.#core.connections], "cluster-lost", nowMs);
    }
    if (connection.phase >= Phase.DOOMED) return;
    this.#core.stats.bytesReceived += bytes.length;
    this.#turns.begin(nowMs);
    try {
      const { reader } = connection;
      const isBehind = reader.hasUnread;
      if (isBehind) boundPostponed(this.#core, connection);
      // What stands behind something unread stays in the reader when this call is over.
      reader.push(isBehind ? copyOf(bytes) : bytes);
      // One that has work left already is worked on in its turn.
      const isPostponed = isStoppedFor(connection, StopReason.BUDGET);
      if (isPostponed) this.#core.workLeft = 0;
      this.#turns.advance(connection, bytes.length);
      // It outlives this call, the chunk may not.
      if (!isBehind && (connection.readingStops !== 0 || connection.waiting !== undefined)) {
        reader.keepTail();
      }
      if (connection.phase === Phase.DOOMED && connection.identity === undefined) {
        nameForeign(connection, bytes);
      }
      stopReadingDeaf(this.#core, connection);
      if (!isPostponed) this.#turns.noteUsage(connection);
    } catch (error) {
      this.#core.doomForError(connection, error);
    } finally {
      this.#turns.end();
    }
  }

  /** {@link Connection.drained} */
  drained(connection: Connection, nowMs: number): void {
    if (connection.phase >= Phase.DOOMED || this.inTurn) return;
    connection.blockedSinceMs = 0;
    if (!awaitsRoom(connection)) return; // nearly always where it takes a moment to be told
    this.#turns.run(nowMs, () => {
      const core = this.#core;
      core.budgets.blocked.give(connection.blockedBytes);
      connection.blockedBytes = 0;
      core.flushNow(connection);
      sendOwed(core, connection);
      if (connection.outbox.byteCount <= core.limits.outboundBytesMax) {
        core.readAgain(connection, StopReason.DEAF);
      }
    });
  }

  /** {@link Connection.closed} */
  closed(connection: Connection, nowMs: number): void {
    if (connection.phase === Phase.CLOSED) return;
    if (this.inTurn) this.#core.doom(connection, "connection-lost");
    else if (hasWorkLeft(this.#core, connection)) stopReading(connection, StopReason.GONE);
    else this.#closeAll([connection], "connection-lost", nowMs);
  }

  /**
   * Time passes: call it about every 250 ms. What is due beyond a turn's work is left to {@link work}.
   *
   * @param memoryPercent - How much of the memory there may be is in use. [I12]
   */
  tick(nowMs: number, memoryPercent = 0): void {
    this.#core.memory.note(memoryPercent);
    this.#turns.runWhole(nowMs, () => this.#housekeeping.keep());
    this.work(nowMs);
  }

  /**
   * Sends what need not wait for the Store any more, then some slices of what is left beyond a turn.
   * Call it while {@link needsWork}, and look after the sockets in between.
   *
   * @param isLate - Asked after each of several turns: whether the others have to wait for the next call.
   */
  work(nowMs: number, isLate: () => boolean = never): void {
    const { store, obligations } = this.#core;
    if (store.hasSettled || obligations.hasEnded) this.committed(nowMs);
    if (this.#core.cluster.hasWork) this.#core.cluster.work(nowMs);
    this.#slices.next(this.#core, this.#turns, nowMs, isLate);
  }

  /** One flush for each connection touched since the last: for all, or for so many. */
  flush(countMax = Number.POSITIVE_INFINITY): void {
    const core = this.#core;
    core.flush(countMax);
    while (core.hasDoomed && !this.inTurn) {
      // A transport threw. Its Will, and what that sets off, goes out now, too.
      this.#turns.run(core.nowMs, nothing);
      core.flush(countMax);
    }
  }

  /**
   * Publishes as the broker's owner: every Topic Name is allowed, `$` ones too.
   *
   * @param tell - Called once: when everything this has caused is durable, or with why it may not be.
   * @throws UsageError for a Topic Name or QoS that is none, or with characters that Clients refuse. [M11]
   */
  publish(message: OwnMessage, nowMs: number, tell: (failure: unknown) => void = nothing): void {
    checkOwnMessage(this.#core, message);
    this.#turns.run(nowMs, () => publishOwn(this.#core, message, tell));
  }

  /** Throws as {@link publish} does for a message that cannot be, for whoever cannot publish at once. */
  checkMessage(message: OwnMessage): void {
    checkOwnMessage(this.#core, message);
  }

  /** {@link checkTopicName} */
  checkTopicName(topicName: string): void {
    checkTopicName(this.#core, topicName);
  }

  /**
   * Sends to one Client, wherever `{parent}/p2p/` is switched on. [P12]
   *
   * @param tell - Called once with what became of it, when that is durable, or with `"store-failed"`
   *   when it may not be; `receipt` tells the end of `sent` at QoS 1 and 2, and of `queued`.
   * @throws UsageError for an identifier or parent that fits into no topic level.
   */
  sendToClient(
    clientId: string,
    message: DirectMessage,
    nowMs: number,
    tell: (outcome: DirectOutcome) => void = nothing,
  ): void {
    const publication = addressed(this.#core, clientId, message);
    checkQos(message.qos);
    this.#turns.run(nowMs, () => dispatch(this.#core, publication, tell));
  }

  /** {@link notify}: in the turn under way, else in one of its own. */
  notify(client: Identity, notice: Notice, nowMs: number): boolean {
    if (this.inTurn) return notify(this.#core, client, notice);
    return this.#turns.run(nowMs, () => notify(this.#core, client, notice));
  }

  /** {@link recheck} */
  recheck(nowMs: number, clientId?: string): void {
    this.#turns.run(nowMs, () => recheck(this.#core, clientId));
  }

  /** Closes a Client's connection, as a server-side close: its Will is published. [M2] */
  disconnect(clientId: string, nowMs: number): boolean {
    const session = this.#core.sessions.find(clientId);
    const connection = session?.connection ?? session?.claimant;
    if (connection !== undefined) this.#closeAll([connection], "kicked", nowMs);
    else if (session === undefined && this.#core.cluster.isOn) {
      return this.#turns.run(nowMs, () => this.#core.cluster.kick(clientId));
    }
    return connection !== undefined;
  }

  /** {@link endSessionOf} */
  endSession(clientId: string, nowMs: number): boolean {
    return this.#turns.run(nowMs, () => endSessionOf(this.#core, clientId));
  }

  /** {@link clearQueue} */
  clearQueue(clientId: string, nowMs: number): number {
    return this.#turns.run(nowMs, () => clearQueue(this.#core, clientId));
  }

  /** Who is connected now, by Client Identifier: the Identity, `undefined` when nobody is. */
  identityOf(clientId: string): Identity | undefined {
    return this.#core.sessions.find(clientId)?.connection?.identity;
  }

  /**
   * Closes all connections: the server stops. Those with a Will go first, so that the others are sent
   * it, as far as that takes no longer than a stop may. No answer of a hook counts any more: a Will
   * that waits for one stays in the Store, and is published when the server comes back.
   */
  close(nowMs: number): void {
    stop(this.#core, this.#turns, nowMs);
    this.flush();
  }

  #closeAll(connections: readonly Connection[], reason: CloseReason, nowMs: number): void {
    this.#turns.run(nowMs, () => this.#core.doomAll(connections, reason));
  }
}

/** What is made of the engine's tables once they are there. */
export interface ClusterOf extends Cluster {
  serve(core: Core): void;
}

/** What it has sent has had no turn yet: there may be a DISCONNECT in it. [MQTT-3.14.4-3] */
function hasWorkLeft(core: Core, connection: Connection): boolean {
  return (
    connection.phase < Phase.DOOMED && core.isPostponed(connection) && connection.reader.hasUnread
  );
}

function nothing(): void {}

function never(): boolean {
  return false;
}
