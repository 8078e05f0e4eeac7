/** A little over 300 lines: it is all that an embedder calls, one method beside the other. */
import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { Broker } from "../broker/broker.js";
import type { ClientHost } from "../local/client-connection.js";
import { InProcessClient } from "../local/in-process-client.js";
import type { InProcessOptions } from "../local/in-process-options.js";
import { LocalLink } from "../local/local-link.js";
import type { MessageToPublish } from "../local/message-to-publish.js";
import type { BrokerLog } from "../log/broker-log.js";
import { nowMs } from "../net/clock.js";
import type { ListenAddress } from "../net/listener.js";
import { type ConnectionDetails, detailsOf } from "../net/peer-details.js";
import { type StreamTraits, traitsOf } from "../net/stream-traits.js";
import { socketBlockPool, Transport } from "../net/transport.js";
import type { Rule } from "../permissions/rule.js";
import { type Limits, limitsWith } from "../ports/limits.js";
import type { EngineOptions } from "../ports/options.js";
import type { StoreHome } from "../ports/store.js";
import { ClosedError } from "../protocol/errors.js";
import { isString } from "../protocol/usage.js";
import type { BrokerEvents, Listener } from "./broker-events.js";
import { ChannelIds } from "./channel-ids.js";
import { Clustering, type ClusterView } from "./clustering.js";
import { addressGiven, checkConnection } from "./connections.js";
import { Events } from "./events.js";
import { guardedOptions, policyFrom } from "./hooks.js";
import {
  type ClientDetails,
  type ClientInfo,
  Inspector,
  type Page,
  type RetainedInfo,
  type RetainedMessageInfo,
  type SubscriptionInfo,
} from "./inspector.js";
import type { ListenerOptions } from "./listener-rows.js";
import { Listeners } from "./listener-set.js";
import type { ListenOptions } from "./listening.js";
import { completed, completedDirect, type MessageToClient } from "./messages.js";
import { type Notify, notifier } from "./notices.js";
import { type BrokerOptions, engineOptionsFrom, logFrom } from "./options.js";
import type { ClientsOptions, RetainedOptions, SubscriptionsOptions } from "./page-requests.js";
import { Durable, type PendingReceipt, type SendOutcome } from "./receipts.js";
import { replaceOwnRules } from "./rights.js";
import { type Sending, send } from "./sending-to-client.js";
import { startStore } from "./started-store.js";
import { type Statistics, statisticsOf } from "./statistics.js";

/** Time peers have to take what waits for them when the broker closes. */
const CLOSE_GRACE_MS = 2_000;

/**
 * An MQTT 3.1.1 broker in this process.
 *
 * @throws UsageError naming the option, its value and what is allowed.
 */
export function createBroker(options: BrokerOptions = {}): MqttBroker {
  return new MqttBroker(options);
}

/**
 * A broker, made by {@link createBroker}. Every method may be called at any time, from inside a
 * hook or a listener too: what would start a turn then happens right after the present one.
 */
export class MqttBroker {
  readonly #limits: Limits;
  readonly #log: BrokerLog | undefined;
  readonly #events: Events;
  readonly #engine: Broker;
  readonly #inspector: Inspector;
  readonly #transport: Transport;
  readonly #listeners: Listeners;
  readonly #pendingReceipts = new Set<PendingReceipt>();
  readonly #store: StoreHome | undefined;
  readonly #clustering: Clustering | undefined;
  readonly #isAuthenticating: boolean;
  #closing: Promise<void> | undefined;
  #isClosed = false;
  /** Sends to one connection: see {@link Notify}. */
  readonly notify: Notify;

  /**
   * Serves a connection: a `net.Socket`, or any other Duplex of bytes, which is the broker's from
   * here on. Bound, so that it can be handed over as it is: `net.createServer(broker.handle)`.
   *
   * @param details - What hooks are to know of the peer beyond what the stream tells.
   * @throws UsageError for what is no Duplex, and for a stream that was handed over before.
   */
  readonly handle = (stream: Duplex, details: ConnectionDetails = {}): void => {
    checkConnection(stream, details);
    this.#open(stream, traitsOf(stream), details);
  };

  constructor(options: BrokerOptions) {
    const engineOptions = engineOptionsFrom(options);
    this.#limits = limitsWith(options.limits ?? {});
    this.#log = logFrom(options, this.#limits);
    const channelIds = new ChannelIds();
    this.#events = new Events(nowMs, this.#log, channelIds);
    const report = (error: unknown): void => this.#events.error(error);
    const { authenticate, ...policy } = policyFrom(options, {
      nowMs,
      error: report,
      afterCall: () => this.#transport.loop.afterCall(),
      checkTopicName: (topicName) => this.#engine.checkTopicName(topicName),
    });
    const { cluster, logger, store } = options;
    const inTurn = (call: () => void): void => this.#inTurn(call);
    this.#clustering = cluster && new Clustering(cluster, logger, inTurn, store !== undefined);
    const settings: EngineOptions = {
      ...engineOptions,
      // Of its own: 122 random bits [P17] [MQTT-3.1.3-6]
      ...guardedOptions(engineOptions, randomUUID, { error: report }),
      policy: {
        ...policy,
        ...(authenticate && {
          authenticate: (...asked) => this.#listeners.authenticate(authenticate, ...asked),
        }),
      },
      events: this.#events.engine,
      pool: socketBlockPool(),
    };
    this.#engine = new Broker(settings, this.#clustering?.connect);
    this.#inspector = new Inspector(this.#engine.view, channelIds);
    this.notify = notifier(this.#engine, (call) => this.#inTurn(call));
    this.#isAuthenticating = options.authenticate !== undefined;
    this.#listeners = new Listeners(options, {
      checkOpen: () => this.#checkOpen(),
      open: (...came) => this.#open(...came),
      error: report,
      native: () => this.#transport.native(),
      fellBack: (listener, why) => this.#log?.fellBack(listener, why),
      inTurn: (call) => this.#inTurn(call),
      turnedAway: (listener, remoteAddress, ...told) =>
        this.#log?.turnedAway({ remoteAddress, listener }, ...told),
    });
    this.#transport = new Transport(
      this.#engine,
      report,
      () => this.#log?.tick(this.#transport.loop.lagMs),
      options.limits,
    );
    this.#store = store;
    if (store) startStore(store, this.#engine, this.#events, inTurn, cluster !== undefined);
    if (this.#clustering !== undefined) {
      this.#transport.startTicking();
      this.#clustering.begin();
    }
  }

  /** The other nodes, as they are seen from here; `undefined`: this broker is alone. */
  get cluster(): ClusterView | undefined {
    return this.#clustering;
  }

  /**
   * Listens for TCP connections, TLS, WebSockets or at a socket file. May be called for several.
   *
   * @param options - Default: TCP at port 1883 of 127.0.0.1. Port 0: any free one. With a `type`, one
   *   of the listeners of docs/options.md, such as `{ type: "tls", cert, key }`.
   *   `{ webSocket: { server, path } }` takes MQTT over WebSocket from an HTTP server of yours.
   * @returns where; of such a server host `""` and port 0 while it does not; of a file its `path`.
   * @throws UsageError naming the option, its value and what is allowed, or a file that TLS cannot be
   *   spoken with; and what Node says when it cannot, with its `code`: `EADDRINUSE`, `EACCES`, ...
   */
  async listen(options: ListenOptions | ListenerOptions = {}): Promise<ListenAddress> {
    return this.#listeners.listen(options);
  }

  /**
   * Reads the certificate files of all listeners again.
   *
   * @returns what puts them into use, and cannot fail: new connections get them, the others go on.
   * @throws UsageError naming the file that is wrong; then nothing has changed.
   */
  reloadCertificates(): () => void {
    return this.#listeners.prepareReload();
  }

  /**
   * Prepares other limits: what is not named has its default again.
   *
   * @returns what puts them into use, and cannot fail. What is above one then stays and gets no more.
   *   A connected Client may go on to send packets as large as it might when it connected, and
   *   WebSocket listeners keep the sizes of messages that they were opened with.
   * @throws UsageError naming the limit, its value and what is allowed; then nothing has changed.
   */
  prepareLimits(limits: Partial<Limits> = {}): () => void {
    const next = limitsWith(limits);
    return () => {
      Object.assign(this.#limits, next); // the log reads it
      this.#listeners.changeLimits(next);
      this.#engine.changeLimits(next);
    };
  }

  /**
   * The `logger` has members now that it had not, or has lost some: its lines are made, or no longer.
   */
  logChanged(): void {
    this.#events.logChanged();
  }

  /**
   * Publishes as the broker's owner: every Topic Name is allowed, `$` ones and point-to-point too.
   *
   * @returns when everything it promises is durable: at once without a `store`, and when there is
   *   nothing to keep. Rejects when the disk failed before that; the message may be kept all the same.
   *   Nobody has to wait for it.
   * @throws UsageError naming the field, its value and what is allowed.
   */
  publish(message: MessageToPublish): Promise<void> {
    const whole = completed(message);
    this.#engine.checkMessage(whole);
    this.#checkNotClosed();
    const durable = new Durable();
    this.#inTurn(() => this.#engine.publish(whole, nowMs(), (failure) => durable.tell(failure)));
    return durable.promise();
  }

  /**
   * Sends to one Client, which need not subscribe to anything, and tells what became of it. [P12]
   *
   * Without `confirm` it resolves as soon as that is durable: `sent`, `queued`, `offline`, `denied` or
   * `dropped`; or `store-failed` when the disk has failed before. With `confirm` it waits for the receiver's acknowledgement, `delivered`, for `timeoutMs` at most;
   * then it is `queued` when the receiver has been offline all the time, else `timeout`.
   *
   * @throws UsageError naming the field, its value and what is allowed.
   */
  async sendToClient(clientId: string, message: MessageToClient): Promise<SendOutcome> {
    const { confirm, timeoutMs, ...whole } = completedDirect(message);
    isString(clientId, "clientId");
    this.#checkNotClosed();
    const sending: Sending = { clientId, message: whole, confirm, timeoutMs };
    return new Promise((resolve, reject) => {
      this.#inTurn(() => send(this.#engine, this.#pendingReceipts, sending, resolve, reject));
    });
  }

  /**
   * Closes a Client's connection, at whatever node it is; its Will is published. [M2]
   *
   * @returns whether the Client was connected.
   * @throws UsageError for what is no Client Identifier.
   */
  disconnect(clientId: string): boolean {
    isString(clientId, "clientId");
    const isConnected =
      !this.#isOffline(clientId) || this.#clustering?.whereIs(clientId) !== undefined;
    this.#inTurn(() => this.#engine.disconnect(clientId, nowMs()));
    return isConnected;
  }

  /**
   * Ends a Client's Session with everything that waits in it; its connection is closed first, and its
   * Will published. [M2]
   *
   * @returns whether there was one.
   * @throws UsageError for what is no Client Identifier.
   */
  endSession(clientId: string): boolean {
    const hasSession = this.client(clientId) !== undefined;
    this.#inTurn(() => this.#engine.endSession(clientId, nowMs()));
    return hasSession;
  }

  /**
   * Drops what waits for a Client and was not sent yet, also what is kept for it outside its Session;
   * what it was sent and has not acknowledged stays. O(queue).
   *
   * @returns how many messages; `undefined` when that is known only after the turn under way.
   * @throws UsageError for what is no Client Identifier.
   */
  clearQueue(clientId: string): number | undefined {
    isString(clientId, "clientId");
    let dropped: number | undefined;
    this.#inTurn(() => {
      dropped = this.#engine.clearQueue(clientId, nowMs());
    });
    return dropped;
  }

  /**
   * Clients that are connected or have a Session, in the order of their identifiers. Whoever stays while
   * you go from page to page is in exactly one of them. O(log of all + limit); with `state` or `q` a page
   * looks at 5,000 Clients at most.
   *
   * @throws UsageError naming the option, its value and what is allowed.
   */
  clients(options: ClientsOptions = {}): Page<ClientInfo> {
    return this.#inspector.clients(options);
  }

  /**
   * All that is known of one Client; `undefined`: it is not connected and has no Session.
   *
   * @throws UsageError for what is no Client Identifier.
   */
  client(clientId: string): ClientDetails | undefined {
    return this.#inspector.client(clientId);
  }

  /**
   * Who subscribes to what, in the order of Client Identifiers and Topic Filters. A page looks at 5,000
   * Subscriptions at most, and at all of one Client in any case.
   *
   * @throws UsageError naming the option, its value and what is allowed.
   */
  subscriptions(options: SubscriptionsOptions = {}): Page<SubscriptionInfo> {
    return this.#inspector.subscriptions(options);
  }

  /**
   * Retained messages without their payloads, in the order of their topics. A page looks at 5,000 of
   * them at most, and only at those that begin as the filter does before its first wildcard.
   *
   * @throws UsageError naming the option, its value and what is allowed.
   */
  retained(options: RetainedOptions = {}): Page<RetainedInfo> {
    return this.#inspector.retained(options);
  }

  /** The retained message of one topic, with a copy of its payload. @throws UsageError */
  retainedMessage(topicName: string): RetainedMessageInfo | undefined {
    return this.#inspector.retainedMessage(topicName);
  }

  /**
   * Looks again at what Clients may do, or only this one, after rules or what hooks look at have
   * changed: what is not allowed any more ends. Who is offline is looked at when it comes back.
   */
  recheck(clientId?: string): void {
    if (clientId !== undefined) isString(clientId, "clientId");
    this.#checkNotClosed();
    this.#inTurn(() => this.#engine.recheck(nowMs(), clientId));
  }

  /**
   * Exchanges the rules that `authenticate` gave along, and looks again at this Client; false: it is
   * not connected. @throws UsageError for rules that are wrong, and for a Client that has none.
   */
  setRules(clientId: string, rules: readonly Rule[]): boolean {
    isString(clientId, "clientId");
    const client = this.#engine.identityOf(clientId);
    if (client !== undefined) replaceOwnRules(client.rights, rules);
    this.recheck(clientId);
    return client !== undefined;
  }

  /**
   * Connects a Client in this process, without a socket.
   *
   * @throws UsageError for options that cannot be; RefusedError when the broker refuses it.
   */
  async connectInProcess(options: InProcessOptions = {}): Promise<InProcessClient> {
    const host: ClientHost = {
      open: (peer) => {
        this.#checkOpen();
        this.#transport.startTicking();
        return new LocalLink(this.#transport.loop, peer);
      },
      error: (error) => this.#events.error(error),
    };
    const client = new InProcessClient(host, options);
    await client.connect();
    return client;
  }

  /** Counters since the start and gauges of now: a snapshot. */
  stats(): Statistics {
    const { lagMs } = this.#transport.loop;
    const { turnedAway } = this.#listeners;
    return statisticsOf(this.#engine, turnedAway, lagMs, this.#log?.linesLeftOut);
  }

  /**
   * Adds a listener. It is called inside the turn, so it should be quick; one that throws hurts
   * nobody, the error goes to the `error` listeners.
   *
   * @throws UsageError for an event that does not exist.
   */
  on<E extends keyof BrokerEvents>(event: E, listener: Listener<E>): this {
    this.#events.on(event, listener);
    return this;
  }

  /** Takes a listener away. */
  off<E extends keyof BrokerEvents>(event: E, listener: Listener<E>): this {
    this.#events.off(event, listener);
    return this;
  }

  /**
   * Accepts no more connections, sends what waits, closes all connections: their Wills are
   * published. Resolves when every socket has closed, within some seconds. May be called again.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** `await using` closes the broker at the end of its block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#listeners.close();
    await new Promise<void>((resolve) => this.#inTurn(resolve));
    await this.#transport.close(CLOSE_GRACE_MS);
    for (const receipt of this.#pendingReceipts) receipt.end("dropped");
    await this.#clustering?.close(); // which takes its time, and has to know of it
    this.#transport.stopTicking();
    await this.#store?.close();
    this.#log?.end();
    this.#isClosed = true;
  }

  #isOffline(clientId: string): boolean {
    return this.#engine.identityOf(clientId) === undefined;
  }

  /** Runs what starts a turn: now, or right after the present turn. */
  #inTurn(call: () => void): void {
    this.#transport.loop.run(call);
  }

  #open(stream: Duplex, traits: StreamTraits, details: ConnectionDetails, listener?: string): void {
    const shown = detailsOf(stream, details, this.#isAuthenticating);
    this.#transport.open(stream, traits, addressGiven(stream, details), shown, listener);
  }

  /** No new connections once closing has begun. */
  #checkOpen(): void {
    if (this.#closing !== undefined) throw new ClosedError();
  }

  /** Listeners may still publish while it closes. */
  #checkNotClosed(): void {
    if (this.#isClosed) throw new ClosedError();
  }
}
