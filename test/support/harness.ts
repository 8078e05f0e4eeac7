import {
  Broker,
  type CloseReason,
  type Connect,
  type Connection,
  type DirectMessage,
  type DirectOutcome,
  type DropReason,
  type EngineOptions,
  encode,
  type Packet,
  PacketStream,
  PacketType,
  type Publish,
  type QoS,
  type Subscribe,
  type Will,
} from "../../src/engine.js";
import { FakeLink } from "./fake-link.js";

/** What a test may say about a CONNECT; the rest is an ordinary clean one. */
export interface ConnectOptions {
  readonly clientId?: string;
  readonly cleanSession?: boolean;
  readonly keepAliveSeconds?: number;
  readonly will?: Partial<Will> & { readonly topicName: string };
  readonly username?: string;
  readonly password?: string | Uint8Array;
  readonly protocolName?: string;
  readonly protocolLevel?: number;
  readonly bridge?: boolean;
}

/** A CONNECT with the defaults filled in. */
export function connectPacket(options: ConnectOptions = {}): Connect {
  const { will, password } = options;
  return {
    type: PacketType.CONNECT,
    protocolName: options.protocolName ?? "MQTT",
    protocolLevel: options.protocolLevel ?? 4,
    bridge: options.bridge ?? false,
    cleanSession: options.cleanSession ?? true,
    keepAliveSeconds: options.keepAliveSeconds ?? 0,
    clientId: options.clientId ?? "client",
    will:
      will === undefined
        ? undefined
        : {
            topicName: will.topicName,
            payload: will.payload ?? bytesOf("gone"),
            qos: will.qos ?? 0,
            retain: will.retain ?? false,
          },
    username: options.username,
    password: typeof password === "string" ? bytesOf(password) : password,
  };
}

/** UTF-8 bytes of a string. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The string in UTF-8 bytes. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A PUBLISH with the defaults filled in. */
export function publishPacket(
  topicName: string,
  payload: string | Uint8Array = "",
  options: { qos?: QoS; packetId?: number; retain?: boolean; dup?: boolean } = {},
): Publish {
  const qos = options.qos ?? 0;
  return {
    type: PacketType.PUBLISH,
    dup: options.dup ?? false,
    qos,
    retain: options.retain ?? false,
    topicName,
    packetId: qos === 0 ? 0 : (options.packetId ?? 1),
    payload: typeof payload === "string" ? bytesOf(payload) : payload,
  };
}

/** A SUBSCRIBE of Topic Filters, at QoS 1 where none is given. */
export function subscribePacket(
  ...filters: readonly (string | readonly [topicFilter: string, qos: QoS])[]
): Subscribe {
  return {
    type: PacketType.SUBSCRIBE,
    packetId: 1,
    requests: filters.map((filter) =>
      typeof filter === "string"
        ? { topicFilter: filter, requestedQos: 1 }
        : { topicFilter: filter[0], requestedQos: filter[1] },
    ),
  };
}

/** One drop as the engine told it. */
export interface Drop {
  readonly reason: DropReason;
  readonly topicName: string;
  readonly receiverId: string | undefined;
}

/** One connection that ended, as the engine told it. */
export interface Close {
  readonly clientId: string | undefined;
  readonly reason: CloseReason;
  readonly violation: string | undefined;
}

/** The engine over fake links, with a clock that only the test moves. */
export class Harness {
  readonly broker: Broker;
  /** Every drop and every close so far, in order. */
  readonly drops: Drop[] = [];
  readonly closes: Close[] = [];
  nowMs = 1_000;
  #ids = 0;

  constructor(options: Partial<EngineOptions> = {}) {
    this.broker = new Broker({
      makeClientId: () => `made-${++this.#ids}`,
      ...options,
      events: {
        // A bug of ours must fail the test it shows up in.
        onInternalError: (error) => {
          throw error;
        },
        onDrop: (reason, topicName, receiverId) => {
          this.drops.push({ reason, topicName, receiverId });
        },
        onDisconnect: (client, reason, violation) => {
          this.closes.push({ clientId: client?.clientId, reason, violation: violation?.code });
        },
        ...options.events,
      },
    });
  }

  /** A connection that has sent nothing yet. */
  open(): Peer {
    return new Peer(this);
  }

  /** A Client whose CONNACK has come and was accepted. */
  connect(options: ConnectOptions = {}): Peer {
    const peer = this.open();
    peer.send(connectPacket(options));
    const connack = peer.first(PacketType.CONNACK);
    if (connack.returnCode !== 0) throw new Error(`not accepted: code ${connack.returnCode}`);
    peer.sessionPresent = connack.sessionPresent;
    return peer;
  }

  /** How often messages were dropped for this reason. */
  dropCount(reason: DropReason): number {
    return this.broker.stats.drops[reason];
  }

  /** What the owner is told of a message to one Client, as far as it is known at once. */
  sendToClient(clientId: string, message: DirectMessage): DirectOutcome | "later" {
    let told: DirectOutcome | "later" = "later";
    this.broker.sendToClient(clientId, message, this.nowMs, (outcome) => {
      told = outcome;
    });
    return told;
  }

  /** Does what is left beyond a turn, all of it. */
  work(): void {
    while (this.broker.needsWork) this.broker.work(this.nowMs);
    this.broker.flush();
  }

  /** Moves the clock, ticking every 250 ms as a transport does, and doing what is left of each tick. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(this.nowMs + 250, endMs);
      this.broker.tick(this.nowMs);
      this.work();
    }
  }
}

/** The Client's end of a connection. */
export class Peer {
  readonly link = new FakeLink();
  readonly connection: Connection;
  sessionPresent = false;
  readonly #harness: Harness;
  readonly #unread: Packet[] = [];
  readonly #stream = new PacketStream({ sender: "server" });
  #packetId = 0;

  constructor(harness: Harness) {
    this.#harness = harness;
    this.connection = harness.broker.open(this.link, harness.nowMs);
    harness.broker.flush();
  }

  /** Whether the broker has closed the connection. */
  get isClosed(): boolean {
    return this.link.isClosed;
  }

  /** Sends packets or bytes in one chunk. */
  send(...parts: readonly (Packet | Uint8Array)[]): void {
    const chunks = parts.map((part) => (part instanceof Uint8Array ? part : encode(part)));
    const chunk = new Uint8Array(chunks.reduce((sum, bytes) => sum + bytes.length, 0));
    let at = 0;
    for (const bytes of chunks) {
      chunk.set(bytes, at);
      at += bytes.length;
    }
    this.connection.receive(chunk, this.#harness.nowMs);
    this.#harness.broker.flush();
    // The engine must not rely on the chunk after the turn: here it is gone.
    chunk.fill(0xff);
  }

  /** What came from the broker and was not asked for yet. Payloads are copies. */
  packets(): Packet[] {
    this.#read();
    return this.#unread.splice(0);
  }

  /** Of {@link packets}, the PUBLISH packets; the others are gone. */
  publishes(): Publish[] {
    return this.packets().filter((packet) => packet.type === PacketType.PUBLISH);
  }

  /** The payloads of {@link publishes} as strings. */
  payloads(): string[] {
    return this.publishes().map(({ payload }) => textOf(payload));
  }

  /** Takes the first packet of this type out of what came; everything else stays unread. */
  first<T extends PacketType>(type: T): Extract<Packet, { readonly type: T }> {
    this.#read();
    const at = this.#unread.findIndex((packet) => packet.type === type);
    const [packet] = at === -1 ? [] : this.#unread.splice(at, 1);
    if (packet === undefined) {
      const types = this.#unread.map((other) => other.type).join(" ");
      throw new Error(`no packet of type ${type} came, but: ${types}`);
    }
    return packet as Extract<Packet, { readonly type: T }>; // found by its type
  }

  /**
   * Reads and acknowledges as a Client should until nothing more comes.
   *
   * @returns the PUBLISH packets, in order of arrival.
   */
  acknowledgeAll(): Publish[] {
    const publishes: Publish[] = [];
    for (let packets = this.packets(); packets.length > 0; packets = this.packets()) {
      for (const packet of packets) {
        if (packet.type === PacketType.PUBLISH) publishes.push(packet);
        const answer = answerTo(packet);
        if (answer !== undefined) this.send(answer);
      }
    }
    return publishes;
  }

  #read(): void {
    this.#stream.push(this.link.received());
    for (let next = this.#stream.next(); next !== undefined; next = this.#stream.next()) {
      this.#unread.push(next);
    }
  }

  /** Raw bytes since the last call. */
  bytes(): Uint8Array {
    return this.link.received();
  }

  publish(
    topicName: string,
    payload: string | Uint8Array = "",
    options: { qos?: QoS; packetId?: number; retain?: boolean; dup?: boolean } = {},
  ): void {
    this.send(publishPacket(topicName, payload, options));
  }

  /** Subscribes and returns the SUBACK codes; everything else that came stays unread. */
  subscribe(...filters: readonly (string | readonly [topicFilter: string, qos: QoS])[]): number[] {
    this.#packetId += 1;
    this.send({
      type: PacketType.SUBSCRIBE,
      packetId: this.#packetId,
      requests: filters.map((filter) =>
        typeof filter === "string"
          ? { topicFilter: filter, requestedQos: 0 }
          : { topicFilter: filter[0], requestedQos: filter[1] },
      ),
    });
    this.#finish();
    return [...this.first(PacketType.SUBACK).returnCodes];
  }

  unsubscribe(...topicFilters: readonly string[]): void {
    this.#packetId += 1;
    this.send({ type: PacketType.UNSUBSCRIBE, packetId: this.#packetId, topicFilters });
    this.#finish();
    this.first(PacketType.UNSUBACK);
  }

  /** Lets the broker do what is left of what this peer has begun. */
  #finish(): void {
    const { broker, nowMs } = this.#harness;
    while (this.connection.task !== undefined) broker.work(nowMs);
    broker.flush();
  }

  puback(packetId: number): void {
    this.send({ type: PacketType.PUBACK, packetId });
  }

  pubrec(packetId: number): void {
    this.send({ type: PacketType.PUBREC, packetId });
  }

  pubrel(packetId: number): void {
    this.send({ type: PacketType.PUBREL, packetId });
  }

  pubcomp(packetId: number): void {
    this.send({ type: PacketType.PUBCOMP, packetId });
  }

  disconnect(): void {
    this.send({ type: PacketType.DISCONNECT });
  }

  /** The network is cut: no DISCONNECT. */
  cut(): void {
    this.connection.closed(this.#harness.nowMs);
    this.#harness.broker.flush();
  }

  /** The peer takes what a frozen link kept back. */
  take(): void {
    this.link.take();
    this.connection.drained(this.#harness.nowMs);
    this.#harness.broker.flush();
  }
}

/** What a Client answers to a packet; `undefined` for those that need no answer. */
export function answerTo(packet: Packet): Packet | undefined {
  switch (packet.type) {
    case PacketType.PUBLISH:
      if (packet.qos === 0) return undefined;
      return {
        type: packet.qos === 1 ? PacketType.PUBACK : PacketType.PUBREC,
        packetId: packet.packetId,
      };
    case PacketType.PUBREC:
      return { type: PacketType.PUBREL, packetId: packet.packetId };
    case PacketType.PUBREL:
      return { type: PacketType.PUBCOMP, packetId: packet.packetId };
    default:
      return undefined;
  }
}
