import { PacketReader } from "../codec/index.js";
import { ProtocolError, UsageError } from "../protocol/errors.js";
import { attemptOf, decide } from "./accepting.js";
import { closeConnection } from "./closing.js";
import { Connection, type ConnectionInputs, Phase } from "./connection.js";
import { Core } from "./core.js";
import { deadlineOf } from "./deadlines.js";
import { keepHouse } from "./housekeeping.js";
import { Inboxes } from "./inboxes.js";
import type { Link } from "./link.js";
import { type EngineOptions, settingsFrom } from "./options.js";
import {
  addressed,
  checkQos,
  checkTopicName,
  type DirectMessage,
  dispatch,
  type OwnMessage,
} from "./own-messages.js";
import { onReceived } from "./packets.js";
import type { Identity, Verdict } from "./policy.js";
import { publishMessage } from "./publishing.js";
import { proceed } from "./retained-backlog.js";
import type { Dispatch } from "./router.js";
import type { CloseReason, Stats } from "./stats.js";

/**
 * The engine: MQTT 3.1.1 between Links, pure. It reads no clock and starts no timer: each input
 * brings `nowMs`, monotonic milliseconds from any origin above 0. Each input is a turn: when it
 * returns, all it caused has happened; only {@link flush} is left to the transport, which calls it
 * once for many turns.
 */
export class Broker implements ConnectionInputs {
  readonly #core: Core;
  #inTurn = false;

  /** @throws UsageError for an option that cannot be. */
  constructor(options: EngineOptions) {
    const settings = settingsFrom(options);
    this.#core = new Core(settings, new Inboxes(settings.limits));
  }

  /** Counters and gauges: the live object. */
  get stats(): Readonly<Stats> {
    return this.#core.stats;
  }

  /** Gauges that the tables know. */
  get gauges(): {
    sessions: number;
    offlineSessions: number;
    subscriptions: number;
    retained: number;
  } {
    const { sessions, trie, retained } = this.#core;
    return {
      sessions: sessions.size,
      offlineSessions: sessions.offlineCount,
      subscriptions: trie.size,
      retained: retained.size,
    };
  }

  /** Whether a turn is under way: no input may be called then. */
  get inTurn(): boolean {
    return this.#inTurn;
  }

  /** Whether {@link flush} has anything to do. */
  get needsFlush(): boolean {
    return this.#core.hasDirty;
  }

  /** Whether {@link work} has anything to do. */
  get needsWork(): boolean {
    return this.#core.owing.size > 0;
  }

  /** A transport has a new connection. */
  open(link: Link, nowMs: number): Connection {
    const core = this.#core;
    const reader = new PacketReader(core.readerOptions);
    const connection = new Connection(link, reader, core.pool, this, nowMs);
    this.#begin(nowMs);
    this.#core.connections.add(connection);
    core.stats.connectionsOpened += 1;
    core.stats.connections += 1;
    if (core.stats.connections > core.limits.connectionsMax) {
      core.doom(connection, "too-many-connections");
    } else {
      core.wheel.schedule(connection, deadlineOf(core.limits, connection));
    }
    this.#end();
    return connection;
  }

  /** {@link Connection.receive} */
  receive(connection: Connection, bytes: Uint8Array, nowMs: number): void {
    if (connection.phase >= Phase.DOOMED) return;
    this.#begin(nowMs);
    try {
      connection.reader.push(bytes);
      this.#advance(connection);
    } catch (error) {
      this.#core.doomForError(connection, error);
    }
    this.#end();
  }

  /** {@link Connection.drained} */
  drained(connection: Connection, nowMs: number): void {
    if (connection.phase >= Phase.DOOMED || this.#inTurn) return;
    this.#begin(nowMs);
    const core = this.#core;
    connection.blockedSinceMs = 0;
    core.blockedBytes -= connection.blockedBytes;
    connection.blockedBytes = 0;
    core.flushNow(connection);
    this.#proceed(connection);
    this.#end();
  }

  /** {@link Connection.closed} */
  closed(connection: Connection, nowMs: number): void {
    if (connection.phase === Phase.CLOSED) return;
    if (this.#inTurn) {
      this.#core.doom(connection, "connection-lost");
      return;
    }
    this.#begin(nowMs);
    closeConnection(this.#core, connection, "connection-lost");
    this.#end();
  }

  /** Time passes: call it about every 250 ms. Work is bounded by what is due. */
  tick(nowMs: number): void {
    this.#begin(nowMs);
    keepHouse(this.#core);
    this.#end();
    this.work(nowMs);
  }

  /** Sends a slice of what is owed beyond a turn (retained messages). While {@link needsWork}. */
  work(nowMs: number): void {
    if (this.#core.owing.size === 0) return;
    this.#begin(nowMs);
    const owing = [...this.#core.owing];
    this.#core.owing.clear();
    for (const connection of owing) this.#proceed(connection);
    this.#end();
  }

  /** One flush for each connection touched since the last. */
  flush(): void {
    this.#core.flush();
  }

  /**
   * Publishes as the broker's owner: every Topic Name is allowed, `$` ones too.
   *
   * @throws UsageError for a Topic Name that is none.
   */
  publish(message: OwnMessage, nowMs: number): void {
    checkTopicName(message.topicName);
    checkQos(message.qos);
    this.#begin(nowMs);
    const { topicName, payload, qos, retain } = message;
    publishMessage(this.#core, undefined, false, topicName, payload, qos, retain);
    this.#end();
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
    this.#begin(nowMs);
    const outcome = dispatch(this.#core, publication);
    this.#end();
    return outcome;
  }

  /** Closes a Client's connection, as a server-side close: its Will is published. [M2] */
  disconnect(clientId: string, nowMs: number): boolean {
    const connection = this.#core.sessions.find(clientId)?.connection;
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
    this.#begin(nowMs);
    for (const connection of connections) this.#core.doom(connection, reason);
    this.#end();
  }

  #advance(connection: Connection): void {
    onReceived(this.#core, connection);
    if (connection.phase !== Phase.AUTHENTICATING) return;
    if (connection.awaitsAnswer) this.#boundPipelined(connection);
    else this.#authenticate(connection);
  }

  /** Asks, and goes on in the same turn if the answer comes at once. */
  #authenticate(connection: Connection): void {
    const core = this.#core;
    const { attempt } = connection;
    if (attempt === undefined || core.policy.authenticate === undefined) return;
    connection.awaitsAnswer = true;
    core.wheel.schedule(connection, deadlineOf(core.limits, connection));
    let isLate = false;
    let isAnswered = false;
    const answer = (verdict: Verdict, nowMs: number): void => {
      if (isAnswered) return; // one outcome only [B18]
      isAnswered = true;
      if (isLate) this.#answered(connection, verdict, nowMs);
      else decide(core, connection, verdict);
    };
    core.policy.authenticate(attemptOf(connection, attempt), answer);
    isLate = true;
    if (connection.phase === Phase.AUTHENTICATING) connection.link.pause();
    else this.#accepted(connection);
  }

  #answered(connection: Connection, verdict: Verdict, nowMs: number): void {
    if (connection.phase !== Phase.AUTHENTICATING) return;
    this.#begin(nowMs);
    decide(this.#core, connection, verdict);
    connection.link.resume();
    this.#accepted(connection);
    this.#end();
  }

  /** What waited behind CONNECT is worked on now, in order. [M20] [H11] */
  #accepted(connection: Connection): void {
    if (connection.phase === Phase.ACCEPTED) this.#advance(connection);
  }

  /** A paused transport may still bring a little; one that goes on for ever is cut off. [B17] */
  #boundPipelined(connection: Connection): void {
    if (connection.reader.bufferedBytes > this.#core.limits.packetBytesMax) {
      throw new ProtocolError("packet-too-large");
    }
  }

  #proceed(connection: Connection): void {
    const { session } = connection;
    if (session?.connection !== connection) return;
    if (!proceed(this.#core, session)) this.#core.owing.add(connection);
  }

  #begin(nowMs: number): void {
    if (this.#inTurn) {
      throw new UsageError(
        "the engine was called from inside one of its own turns (a hook or an event); call it later",
      );
    }
    this.#inTurn = true;
    this.#core.nowMs = nowMs;
  }

  /** Closing publishes Wills, which may doom others: until nobody is left. [F08] */
  #end(): void {
    const core = this.#core;
    for (let next = core.nextDoomed(); next !== undefined; next = core.nextDoomed()) {
      closeConnection(core, next, next.doomReason ?? "internal-error");
    }
    this.#inTurn = false;
  }
}
