import { encode, type Packet, PacketStream, PacketType, type QoS } from "../../../src/engine.js";
import {
  bytesOf,
  connectPacket,
  publishPacket,
  subscribePacket,
  textOf,
} from "../../support/harness.js";
import type { SimLink, SimNode } from "./sim-node.js";

/** What one connection of a client came to, for whoever judges. */
export class Life {
  readonly clientId: string;
  readonly node: SimNode;
  link!: SimLink;
  connectedMs = 0;
  /** Its client has ended it, or somebody has for a reason that the world knows. */
  hasLeft = false;
  /** When the client knew that it was over. */
  endedMs = Number.POSITIVE_INFINITY;
  readonly received: Received[] = [];
  /** Topic Filters with a SUBACK, and when it came. */
  readonly subscribed = new Map<string, number>();
  /** What it has asked for, answered or not. */
  readonly requested = new Set<string>();

  get isInGroup(): boolean {
    return [...this.requested].some((filter) => filter.startsWith("$share/"));
  }

  constructor(clientId: string, node: SimNode) {
    this.clientId = clientId;
    this.node = node;
  }

  get isConnected(): boolean {
    return this.connectedMs > 0 && this.endedMs === Number.POSITIVE_INFINITY;
  }
}

/** A message that has come to a client. */
export interface Received {
  readonly text: string;
  readonly qos: QoS;
  readonly topicName: string;
  readonly atMs: number;
}

/** A message that a client has published. */
export interface Published {
  readonly text: string;
  readonly topicName: string;
  readonly qos: QoS;
  readonly sentMs: number;
  readonly life: Life;
  /** When it was acknowledged; 0: never. */
  ackedMs: number;
}

export interface SimClientSetting {
  readonly connected?: () => void;
  /** What it sends is so long at least. */
  readonly payloadBytes?: number;
}

/** One connection, as a client that follows the standard has it. */
export class SimClient {
  readonly life: Life;
  readonly #stream = new PacketStream({ sender: "server" });
  readonly #link: SimLink;
  readonly #nowMs: () => number;
  readonly #connected: () => void;
  readonly #payloadBytes: number;
  readonly #acks = new Map<number, Published>();
  readonly #subscribing = new Map<number, string>();
  readonly #unreleased = new Set<number>();
  #packetId = 0;

  constructor(
    clientId: string,
    node: SimNode,
    nowMs: () => number,
    { connected = () => undefined, payloadBytes = 0 }: SimClientSetting = {},
  ) {
    this.#connected = connected;
    this.#payloadBytes = payloadBytes;
    this.life = new Life(clientId, node);
    this.#nowMs = nowMs;
    this.#link = node.open({
      received: (bytes) => this.#received(bytes),
      ended: () => {
        if (this.life.endedMs === Number.POSITIVE_INFINITY) this.life.endedMs = nowMs();
      },
    });
    this.life.link = this.#link;
    this.#send(connectPacket({ clientId }));
  }

  subscribe(topicFilter: string, qos: QoS): void {
    const packetId = this.#next();
    this.life.requested.add(topicFilter);
    this.#subscribing.set(packetId, topicFilter);
    this.#send({ ...subscribePacket([topicFilter, qos]), packetId });
  }

  publish(topicName: string, text: string, qos: QoS): Published {
    const published = { text, topicName, qos, sentMs: this.#nowMs(), life: this.life, ackedMs: 0 };
    const packetId = qos === 0 ? 0 : this.#next();
    if (qos > 0) this.#acks.set(packetId, published);
    const payload = bytesOf(text.padEnd(this.#payloadBytes));
    this.#send(publishPacket(topicName, payload, { qos, packetId }));
    return published;
  }

  /** Says DISCONNECT, or goes without a word. */
  leave(isOrderly: boolean): void {
    this.life.hasLeft = true;
    if (isOrderly) this.#send({ type: PacketType.DISCONNECT });
    this.life.endedMs = Math.min(this.life.endedMs, this.#nowMs());
    this.#link.cut();
  }

  #next(): number {
    this.#packetId += 1;
    return this.#packetId;
  }

  #send(packet: Packet): void {
    this.#link.send(encode(packet));
  }

  #received(bytes: Uint8Array): void {
    if (this.life.endedMs < this.#nowMs()) return;
    this.#stream.push(bytes);
    for (let packet = this.#stream.next(); packet !== undefined; packet = this.#stream.next()) {
      this.#on(packet);
    }
  }

  #on(packet: Packet): void {
    switch (packet.type) {
      case PacketType.CONNACK:
        if (packet.returnCode !== 0) break;
        this.life.connectedMs = this.#nowMs();
        this.#connected();
        break;
      case PacketType.SUBACK: {
        const topicFilter = this.#subscribing.get(packet.packetId);
        if (topicFilter !== undefined) this.life.subscribed.set(topicFilter, this.#nowMs());
        break;
      }
      case PacketType.PUBLISH:
        this.#onPublish(
          packet.qos,
          packet.packetId,
          packet.topicName,
          textOf(packet.payload).trimEnd(),
        );
        break;
      case PacketType.PUBACK:
        this.#acknowledged(packet.packetId);
        break;
      case PacketType.PUBREC:
        this.#acknowledged(packet.packetId);
        this.#send({ type: PacketType.PUBREL, packetId: packet.packetId });
        break;
      case PacketType.PUBREL:
        this.#unreleased.delete(packet.packetId);
        this.#send({ type: PacketType.PUBCOMP, packetId: packet.packetId });
        break;
      default:
        break;
    }
  }

  #onPublish(qos: QoS, packetId: number, topicName: string, text: string): void {
    if (qos < 2 || !this.#unreleased.has(packetId)) {
      this.life.received.push({ text, qos, topicName, atMs: this.#nowMs() });
    }
    if (qos === 1) this.#send({ type: PacketType.PUBACK, packetId });
    if (qos !== 2) return;
    this.#unreleased.add(packetId);
    this.#send({ type: PacketType.PUBREC, packetId });
  }

  #acknowledged(packetId: number): void {
    const published = this.#acks.get(packetId);
    if (published !== undefined && published.ackedMs === 0) published.ackedMs = this.#nowMs();
  }
}
