import { PacketReader } from "../codec/index.js";
import {
  addressed,
  checkQos,
  checkTopicName,
  type DirectMessage,
  dispatch,
  type OwnMessage,
} from "../handling/own-messages.js";
import { boundUnfinished } from "../handling/packets.js";
import { publishMessage } from "../handling/publishing.js";
import { restore } from "../handling/restoring.js";
import type { Dispatch } from "../handling/router.js";
import type { Link } from "../ports/link.js";
import { type EngineOptions, settingsFrom } from "../ports/options.js";
import type { Identity } from "../ports/policy.js";
import type { CloseReason } from "../ports/reasons.js";
import { resumeReading, stopReadingDeaf } from "../sending/outgoing.js";
import { proceed } from "../sending/retained-backlog.js";
import { Connection, type ConnectionInputs, Phase } from "../state/connection.js";
import { copyOf } from "../state/copy-of.js";
import { Core } from "../state/core.js";
import { deadlineOf } from "../state/deadlines.js";
import type { Stats } from "../state/stats.js";
import { keepHouse } from "./housekeeping.js";
import { Turns } from "./turns.js";

/** What is held now. */
export interface Gauges {
  readonly sessions: number;
  readonly offlineSessions: number;
  readonly subscriptions: number;
  readonly retained: number;
  readonly inboxes: number;
  /** Bytes held of packets that are not whole. [M23] */
  readonly unfinishedBytes: number;
}

/**
 * The engine: MQTT 3.1.1 between Links, pure. It reads no clock and starts no timer: each input
 * brings `nowMs`, monotonic milliseconds from any origin above 0. Each input is a turn: when it
 * returns, all it caused has happened; only {@link flush} is left to the transport, which calls it
 * once for many turns.
 */
export class Broker implements ConnectionInputs {
  readonly #core: Core;
  readonly #turns: Turns;

  /** @throws UsageError for an option that cannot be. */
  constructor(options: EngineOptions) {
    this.#core = new Core(settingsFrom(options));
    this.#turns = new Turns(this.#core);
  }

  /**
   * Takes up what an earlier run left in the Store. Call it once, before anything else, when there
   * is a Store. O(Sessions + Subscriptions + retained messages); queues are not read.
   */
  restore(nowMs: number): void {
    this.#turns.run(nowMs, () => restore(this.#core));
  }

  /** The Store has made more durable: what waited for that is sent. [M26] */
  committed(nowMs: number): void {
    this.#core.store.hasSettled = false;
    if (this.#core.holding.size > 0) this.#turns.run(nowMs, () => this.#turns.release());
  }

  /**
   * The Store could not make durable what was sealed: whoever waits for that gets no
   * acknowledgement, but a closed connection. [MQTT-4.8.0-2] The home tries again by itself.
   */
  storeFailed(nowMs: number): void {
    this.#closeAll([...this.#core.holding], "store-failed", nowMs);
  }

  /** Counters and gauges: the live object. */
  get stats(): Readonly<Stats> {
    return this.#core.stats;
  }

  /** Gauges that the tables know. */
  get gauges(): Gauges {
    const { sessions, trie, retained, inboxes, unfinished } = this.#core;
    return {
      sessions: sessions.size,
      offlineSessions: sessions.offlineCount,
      subscriptions: trie.size,
      retained: retained.size,
      inboxes: inboxes.size,
      unfinishedBytes: unfinished.byteCount,
    };
  }

  /** Whether a turn is under way: no input may be called then. */
  get inTurn(): boolean {
    return this.#turns.isOpen;
  }

  /** Connections that wait for {@link flush}. */
  get unflushedCount(): number {
    return this.#core.dirtyCount;
  }

  /** Whether {@link work} has anything to do. */
  get needsWork(): boolean {
    return this.#core.owing.size > 0 || this.#core.store.hasSettled;
  }

  /** A transport has a new connection. */
  open(link: Link, nowMs: number): Connection {
    const core = this.#core;
    const reader = new PacketReader(core.readerOptions);
    const connection = new Connection(link, reader, core.pool, this, nowMs);
    this.#turns.run(nowMs, () => {
      core.connections.add(connection);
      core.stats.connectionsOpened += 1;
      core.stats.connections += 1;
      if (core.stats.connections > core.limits.connectionsMax) {
        core.doom(connection, "too-many-connections");
      } else {
        core.wheel.schedule(connection, deadlineOf(core.limits, connection));
      }
    });
    return connection;
  }

  /** {@link Connection.receive} */
  receive(connection: Connection, bytes: Uint8Array, nowMs: number): void {
    if (connection.phase >= Phase.DOOMED) return;
    this.#turns.begin(nowMs);
    try {
      // What may have to wait for an answer outlives this call, and the chunk may not.
      connection.reader.push(connection.phase === Phase.ACCEPTED ? bytes : copyOf(bytes));
      this.#turns.advance(connection);
      boundUnfinished(this.#core, connection);
      stopReadingDeaf(this.#core, connection);
    } catch (error) {
      this.#core.doomForError(connection, error);
    } finally {
      this.#turns.end();
    }
  }

  /** {@link Connection.drained} */
  drained(connection: Connection, nowMs: number): void {
    if (connection.phase >= Phase.DOOMED || this.inTurn) return;
    this.#turns.run(nowMs, () => {
      const core = this.#core;
      connection.blockedSinceMs = 0;
      core.blockedBytes -= connection.blockedBytes;
      connection.blockedBytes = 0;
      core.flushNow(connection);
      this.#proceed(connection);
      if (connection.isDeaf && connection.outbox.byteCount <= core.limits.outboundBytesMax) {
        connection.isDeaf = false;
        resumeReading(connection);
      }
    });
  }

  /** {@link Connection.closed} */
  closed(connection: Connection, nowMs: number): void {
    if (connection.phase === Phase.CLOSED) return;
    if (this.inTurn) this.#core.doom(connection, "connection-lost");
    else this.#closeAll([connection], "connection-lost", nowMs);
  }

  /** Time passes: call it about every 250 ms. Work is bounded by what is due. */
  tick(nowMs: number): void {
    this.#turns.run(nowMs, () => keepHouse(this.#core));
    this.work(nowMs);
  }

  /**
   * Sends what need not wait for the Store any more, and a slice of what is owed beyond a turn
   * (retained messages). While {@link needsWork}.
   */
  work(nowMs: number): void {
    const { owing, store } = this.#core;
    if (store.hasSettled) this.committed(nowMs);
    if (owing.size === 0) return;
    this.#turns.run(nowMs, () => {
      const connections = [...owing];
      owing.clear();
      for (const connection of connections) this.#proceed(connection);
    });
  }

  /** One flush for each connection touched since the last. */
  flush(): void {
    const core = this.#core;
    core.flush();
    while (core.hasDoomed && !this.inTurn) {
      // A transport threw. Its Will, and what that sets off, goes out now, too.
      this.#turns.run(core.nowMs, nothing);
      core.flush();
    }
  }

  /**
   * Publishes as the broker's owner: every Topic Name is allowed, `$` ones too.
   *
   * @throws UsageError for a Topic Name or QoS that is none.
   */
  publish(message: OwnMessage, nowMs: number): void {
    const { topicName, payload, qos, retain } = message;
    checkTopicName(topicName);
    checkQos(qos);
    this.#turns.run(nowMs, () => {
      publishMessage(this.#core, undefined, false, topicName, payload, qos, retain);
    });
  }

  /**
   * Sends to one Client, wherever `{parent}/p2p/` is switched on. [P12]
   *
   * @returns what is known at once; `receipt` tells the end of `sent` at QoS 1 and 2, and of `queued`.
   * @throws UsageError for an identifier or parent that fits into no topic level.
   */
  sendToClient(clientId: string, message: DirectMessage, nowMs: number): Dispatch | "denied" {
    checkQos(message.qos);
    const publication = addressed(this.#core, clientId, message);
    return this.#turns.run(nowMs, () => dispatch(this.#core, publication));
  }

  /** Closes a Client's connection, as a server-side close: its Will is published. [M2] */
  disconnect(clientId: string, nowMs: number): boolean {
    const session = this.#core.sessions.find(clientId);
    const connection = session?.connection ?? session?.claimant;
    if (connection === undefined) return false;
    this.#closeAll([connection], "kicked", nowMs);
    return true;
  }

  /** Who is connected now, by Client Identifier: the Identity, `undefined` when nobody is. */
  identityOf(clientId: string): Identity | undefined {
    return this.#core.sessions.find(clientId)?.connection?.identity;
  }

  /** Closes all connections: the server stops. */
  close(nowMs: number): void {
    this.#closeAll([...this.#core.connections], "shutdown", nowMs);
    this.flush();
  }

  #closeAll(connections: readonly Connection[], reason: CloseReason, nowMs: number): void {
    this.#turns.run(nowMs, () => {
      for (const connection of connections) this.#core.doom(connection, reason);
    });
  }

  #proceed(connection: Connection): void {
    const { session } = connection;
    if (session?.connection !== connection) return;
    if (!proceed(this.#core, session)) this.#core.owing.add(connection);
  }
}

function nothing(): void {}
