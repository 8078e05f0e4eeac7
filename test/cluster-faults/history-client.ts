import { connect, type Socket } from "node:net";
import {
  encode,
  type Packet,
  PacketStream,
  PacketType,
  type Publish,
} from "../../src/codec/index.js";

/** What one client saw, for the checker. Times are of one clock: that of the test. */
export interface Sent {
  readonly to: string;
  readonly qos: 1 | 2;
  readonly sequence: number;
  readonly sentMs: number;
  /** When it was acknowledged whole; `undefined`: it never was. */
  ackedMs: number | undefined;
  /** The connection it went over: one client has many, one after the other. */
  readonly connection: Span;
}

export interface Received {
  readonly from: string;
  readonly sequence: number;
  readonly qos: number;
  readonly dup: boolean;
  readonly atMs: number;
}

/** A connection from its CONNACK to its end. */
export interface Span {
  readonly port: number;
  readonly fromMs: number;
  toMs: number;
  /** When its node was heard of last: a client learns late that a process stands still. */
  heardMs: number;
  readonly received: Received[];
}

const RETRY_MS = 100;
const CONNECT_MAX_MS = 25_000;
const UNACKED_MAX = 60;
const SILENT_MS = 8_000;

/**
 * A client that stays connected to any of the nodes, sends each message once and never again, and
 * writes down what happens.
 */
export class HistoryClient {
  readonly id: string;
  readonly spans: Span[] = [];
  readonly sent: Sent[] = [];
  readonly wrong: string[] = [];
  refusals = 0;
  readonly #ports: readonly number[];
  #at: number;
  #socket: Socket | undefined;
  #span: Span | undefined;
  #packetId = 0;
  readonly #unacked = new Map<number, Sent>();
  #isStopped = false;
  #sequence = 0;
  /** QoS 2 messages that were received and not released. */
  readonly #inbound = new Set<number>();

  constructor(id: string, ports: readonly number[], at: number) {
    this.id = id;
    this.#ports = ports;
    this.#at = at;
    this.#connect();
  }

  get isConnected(): boolean {
    return this.#span !== undefined;
  }

  get unackedCount(): number {
    return this.#unacked.size;
  }

  /** @returns whether it could be sent. */
  send(to: string, qos: 1 | 2): boolean {
    const span = this.#span;
    if (span === undefined || this.#unacked.size >= UNACKED_MAX) return false;
    this.#packetId = (this.#packetId % 65_535) + 1;
    this.#sequence += 1;
    const sentMs = performance.now();
    const sent = {
      to,
      qos,
      sequence: this.#sequence,
      sentMs,
      ackedMs: undefined,
      connection: span,
    };
    this.sent.push(sent);
    this.#unacked.set(this.#packetId, sent);
    this.#write({
      ...{ type: PacketType.PUBLISH, dup: false, qos, retain: false, packetId: this.#packetId },
      topicName: `app/p2p/${to}`,
      payload: new TextEncoder().encode(`${this.id} ${to} ${this.#sequence}`),
    });
    return true;
  }

  /** Connects anew, to this node: whoever has the identifier is taken over. */
  moveTo(at: number): void {
    this.#at = at;
    this.#socket?.destroy();
  }

  stop(): void {
    this.#isStopped = true;
    this.#socket?.destroy();
  }

  #connect(): void {
    const port = this.#ports[this.#at % this.#ports.length] ?? 0;
    const socket = connect(port, "127.0.0.1");
    const stream = new PacketStream();
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => undefined); // "close" follows
    socket.on("connect", () => {
      this.#write({
        ...{ type: PacketType.CONNECT, protocolName: "MQTT", protocolLevel: 4, bridge: false },
        ...{ cleanSession: true, keepAliveSeconds: 5, clientId: this.id },
        ...{ will: undefined, username: undefined, password: undefined },
      });
    });
    let heardMs = performance.now();
    const timer = setTimeout(() => {
      if (this.#span === undefined) socket.destroy();
    }, CONNECT_MAX_MS);
    const pings = setInterval(() => {
      if (this.#span !== undefined) this.#write({ type: PacketType.PINGREQ });
      // A node that was stopped answers nothing: as any client, this one looks for another.
      if (this.#span !== undefined && performance.now() - heardMs > SILENT_MS) socket.destroy();
    }, 1_500);
    socket.on("data", (bytes) => {
      heardMs = performance.now();
      if (this.#span !== undefined) this.#span.heardMs = heardMs;
      try {
        stream.push(bytes);
        for (let packet = stream.next(); packet !== undefined; packet = stream.next()) {
          this.#take(packet, port);
        }
      } catch (error) {
        this.wrong.push(`${this.id} cannot read what it is sent: ${String(error)}`);
        socket.destroy();
      }
    });
    socket.on("close", () => {
      clearTimeout(timer);
      clearInterval(pings);
      if (this.#span !== undefined) this.#span.toMs = performance.now();
      this.#span = undefined;
      this.#unacked.clear();
      this.#inbound.clear();
      if (this.#isStopped) return;
      this.#at += 1;
      setTimeout(() => this.#connect(), RETRY_MS).unref();
    });
  }

  #take(packet: Packet, port: number): void {
    const nowMs = performance.now();
    switch (packet.type) {
      case PacketType.CONNACK:
        if (packet.returnCode !== 0) {
          this.refusals += 1;
          this.#socket?.destroy();
          return;
        }
        this.#span = {
          ...{ port, fromMs: nowMs, toMs: Number.POSITIVE_INFINITY, heardMs: nowMs },
          received: [],
        };
        this.spans.push(this.#span);
        return;
      case PacketType.PUBLISH:
        this.#receive(packet, nowMs);
        return;
      case PacketType.PUBACK:
      case PacketType.PUBCOMP:
        this.#acked(packet.packetId, nowMs);
        return;
      case PacketType.PUBREC:
        this.#write({ type: PacketType.PUBREL, packetId: packet.packetId });
        return;
      case PacketType.PUBREL:
        this.#inbound.delete(packet.packetId);
        this.#write({ type: PacketType.PUBCOMP, packetId: packet.packetId });
        return;
      default:
        return;
    }
  }

  #receive(packet: Publish, atMs: number): void {
    const { qos, dup, packetId, payload } = packet;
    const isAgain = qos === 2 && this.#inbound.has(packetId);
    if (!isAgain) {
      const [from = "", to = "", sequence] = new TextDecoder().decode(payload).split(" ");
      if (to !== this.id) this.wrong.push(`${this.id} got a message for ${to}`);
      this.#span?.received.push({ from, sequence: Number(sequence), qos, dup, atMs });
    }
    if (qos === 1) this.#write({ type: PacketType.PUBACK, packetId });
    if (qos !== 2) return;
    this.#inbound.add(packetId);
    this.#write({ type: PacketType.PUBREC, packetId });
  }

  #acked(packetId: number, nowMs: number): void {
    const sent = this.#unacked.get(packetId);
    if (sent === undefined) return;
    sent.ackedMs = nowMs;
    this.#unacked.delete(packetId);
  }

  #write(packet: Packet): void {
    this.#socket?.write(encode(packet));
  }
}
