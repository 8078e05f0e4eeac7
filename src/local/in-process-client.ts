import { encode } from "../codec/index.js";
import { UsageError } from "../protocol/errors.js";
import type { Connect, Publish, QoS, SubscriptionRequest, Will } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import type { SubackReturnCode } from "../protocol/return-codes.js";
import { checkArgument, isFunction } from "../protocol/usage.js";
import { ClientConnection, type ClientHost } from "./client-connection.js";
import { ClientSession, type Settle } from "./client-session.js";
import { ConnectionLostError } from "./errors.js";
import {
  type InProcessOptions,
  isFilters,
  isRequests,
  type MessageListener,
  OPTIONS,
} from "./in-process-options.js";
import { type MessageToPublish, ownBytes, wholeMessage } from "./message-to-publish.js";

/**
 * A whole MQTT 3.1.1 Client in the process of its broker: same packets, no socket. For tests, and
 * for programs that embed a broker and take part in it.
 */
export class InProcessClient {
  readonly #host: ClientHost;
  readonly #connect: Connect;
  readonly #session = new ClientSession();
  readonly #messageListeners: MessageListener[] = [];
  #connection: ClientConnection | undefined;
  #closed: Promise<void> = Promise.resolve();
  #resolveClosed: (() => void) | undefined;

  /** @throws UsageError for options a CONNECT cannot hold. */
  constructor(host: ClientHost, options: InProcessOptions) {
    checkArgument(options, OPTIONS, "options");
    this.#host = host;
    this.#connect = connectFrom(options);
    encode(this.#connect); // says what is wrong with it now
    if (options.onMessage !== undefined) this.#messageListeners.push(options.onMessage);
  }

  /** As in its CONNECT: `""` when the broker made one. */
  get clientId(): string {
    return this.#connect.clientId;
  }

  get isConnected(): boolean {
    return this.#connection?.isAccepted === true;
  }

  /** Whether the broker resumed a Session at the last {@link connect}. [MQTT-3.2.2-2] */
  get sessionPresent(): boolean {
    return this.#connection?.sessionPresent === true;
  }

  /** Resolves when the present connection has ended, whoever ended it. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /**
   * Connects: with CONNECT, then with what was never acknowledged. Also to connect again.
   *
   * @throws RefusedError with the return code; ConnectionLostError when closed without an answer.
   */
  async connect(): Promise<void> {
    if (this.#connection !== undefined) throw new UsageError("this Client is connected already");
    if (this.#connect.cleanSession) this.#session.end(lost); // [MQTT-3.1.2-6]
    await new Promise<void>((accepted, refused) => {
      this.#connection = new ClientConnection(this.#host, this.#connect, this.#session, {
        onAccepted: accepted,
        onMessage: (message) => this.#onMessage(message),
        onEnded: (refusal) => {
          this.#onEnded();
          if (refusal !== undefined) refused(refusal);
        },
      });
      this.#closed = new Promise((resolve) => {
        this.#resolveClosed = resolve;
      });
    });
  }

  /**
   * Publishes, with the same argument as the broker's own `publish`. Resolves at QoS 0 when the
   * broker has it, at QoS 1 and 2 when it has acknowledged it; with `cleanSession: false` that may
   * be on a later connection.
   *
   * @throws UsageError naming the field, its value and what is allowed.
   */
  async publish(message: MessageToPublish): Promise<void> {
    const whole = wholeMessage(message);
    const connection = this.#ready();
    const packetWith = (packetId: number): Publish => ({
      type: PacketType.PUBLISH,
      dup: false,
      qos: whole.qos,
      retain: whole.retain,
      topicName: whole.topicName,
      packetId,
      payload: whole.payload,
    });
    if (whole.qos === 0) await sendTaken(connection, encode(packetWith(0)));
    else await this.#exchange(connection, packetWith);
  }

  /**
   * Subscribes to one Topic Filter, or to many with one packet.
   *
   * @returns one return code a filter: the granted QoS, or 0x80 for a refused one.
   * @throws UsageError for what a SUBSCRIBE cannot hold.
   */
  async subscribe(
    topicFilters: string | readonly SubscriptionRequest[],
    requestedQos: QoS = 0,
  ): Promise<readonly SubackReturnCode[]> {
    const requests =
      typeof topicFilters === "string"
        ? [{ topicFilter: topicFilters, requestedQos }]
        : topicFilters;
    isRequests(requests, "topicFilters");
    return this.#exchange(this.#ready(), (packetId) => ({
      type: PacketType.SUBSCRIBE,
      packetId,
      requests,
    }));
  }

  /** Unsubscribes from one Topic Filter or many. */
  async unsubscribe(topicFilters: string | readonly string[]): Promise<void> {
    const filters = typeof topicFilters === "string" ? [topicFilters] : topicFilters;
    isFilters(filters, "topicFilters");
    await this.#exchange(this.#ready(), (packetId) => ({
      type: PacketType.UNSUBSCRIBE,
      packetId,
      topicFilters: filters,
    }));
  }

  /** Adds a listener for messages. Those that came before are gone: see `options.onMessage`. */
  onMessage(listener: MessageListener): void {
    isFunction(listener, "listener");
    this.#messageListeners.push(listener);
  }

  /** Says DISCONNECT, so that no Will is sent, and closes. [MQTT-3.14.4-1] */
  async disconnect(): Promise<void> {
    this.#connection?.disconnect();
    await this.#closed;
  }

  /** `await using` disconnects at the end of its block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  /** Breaks the connection off, as a failing network would: the broker sends the Will. */
  async drop(): Promise<void> {
    this.#connection?.drop();
    await this.#closed;
  }

  #ready(): ClientConnection {
    if (this.#connection?.isAccepted !== true)
      throw new ConnectionLostError("this Client is not connected");
    return this.#connection;
  }

  #exchange(
    connection: ClientConnection,
    packetWith: Parameters<ClientSession["begin"]>[0],
  ): Promise<readonly SubackReturnCode[]> {
    return new Promise((resolve, reject) => {
      const settle: Settle = { done: resolve, failed: reject };
      connection.send(this.#session.begin(packetWith, settle));
    });
  }

  #onMessage({ topicName, payload, qos, retain, dup }: Publish): void {
    const message = { topicName, payload: payload.slice(), qos, retain, dup };
    for (const listener of this.#messageListeners) {
      try {
        listener(message);
      } catch (error) {
        this.#host.error(error);
      }
    }
  }

  #onEnded(): void {
    this.#connection = undefined;
    if (this.#connect.cleanSession) this.#session.end(lost);
    else this.#session.connectionLost(lost);
    this.#resolveClosed?.();
  }
}

function lost(): ConnectionLostError {
  return new ConnectionLostError("the connection ended");
}

function sendTaken(connection: ClientConnection, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.send(bytes, (isTaken) => (isTaken ? resolve() : reject(lost())));
  });
}

const PROTOCOLS = {
  "3.1.1": { protocolName: "MQTT", protocolLevel: 4 },
  "3.1": { protocolName: "MQIsdp", protocolLevel: 3 },
} as const;

function connectFrom(options: InProcessOptions): Connect {
  const { clientId = "", cleanSession = true, keepAliveSeconds = 0, username, password } = options;
  if (clientId === "" && !cleanSession) {
    // Without an identifier of its own there is no Session to come back to. [MQTT-3.1.3-7]
    throw new UsageError('clientId is ""; with cleanSession false it must have one [MQTT-3.1.3-7]');
  }
  return {
    type: PacketType.CONNECT,
    ...PROTOCOLS[options.protocol ?? "3.1.1"],
    bridge: false,
    cleanSession,
    keepAliveSeconds,
    clientId,
    will: willFrom(options.will),
    username,
    password: password === undefined ? undefined : ownBytes(password, "password"),
  };
}

function willFrom(will: InProcessOptions["will"]): Will | undefined {
  if (will === undefined) return undefined;
  const { topicName, payload = "", qos = 0, retain = false } = will;
  return { topicName, payload: ownBytes(payload, "will.payload"), qos, retain };
}
