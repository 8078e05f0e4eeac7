import { connect, type Socket } from "node:net";
import {
  encode,
  type Packet,
  PacketStream,
  PacketType,
  type Publish,
  type QoS,
} from "../../src/codec/index.js";

const SUBSCRIBE_ID = 65_535;

/** A message a client has published, until and after it was acknowledged. */
export interface Outgoing {
  readonly topicName: string;
  readonly payload: string;
  readonly qos: 1 | 2;
  readonly retain: boolean;
  /** PUBREC has come: PUBREL is what is repeated now. */
  isReceived: boolean;
}

/**
 * A client that keeps its session, over a real socket: it repeats what is not acknowledged, and
 * takes a QoS 2 message once, whatever happens to the connection.
 */
export class CrashClient {
  readonly clientId: string;
  readonly received: string[] = [];
  /** The same with their topics. */
  readonly arrivals: { readonly topicName: string; readonly payload: string }[] = [];
  readonly acknowledged: Outgoing[] = [];
  readonly sessionPresent: boolean[] = [];
  isConnected = false;
  /** Payloads are made this long with spaces on their way. */
  payloadBytes = 0;
  readonly #outgoing = new Map<number, Outgoing>();
  readonly #awaitingPubrel = new Set<number>();
  readonly #filters: readonly (readonly [topicFilter: string, qos: QoS])[];
  #isSubscribed: boolean;
  #socket: Socket | undefined;
  #packetId = 0;
  #number = 0;

  constructor(clientId: string, filters: readonly (readonly [topicFilter: string, qos: QoS])[]) {
    this.clientId = clientId;
    this.#filters = filters;
    this.#isSubscribed = filters.length === 0;
  }

  get outstanding(): number {
    return this.#outgoing.size;
  }

  get isQuiet(): boolean {
    return this.isConnected && this.#outgoing.size === 0 && this.#isSubscribed;
  }

  /** A connection is there, or is being made. */
  get hasConnection(): boolean {
    return this.#socket !== undefined;
  }

  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  connect(port: number): void {
    const socket = connect(port, "127.0.0.1");
    const stream = new PacketStream({ sender: "server" });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => {
      if (this.#socket !== socket) return;
      stream.push(bytes);
      for (let packet = stream.next(); packet !== undefined; packet = stream.next()) {
        this.#on(packet);
      }
    });
    socket.on("close", () => {
      if (this.#socket === socket) this.lost();
    });
    this.#write({
      type: PacketType.CONNECT,
      protocolName: "MQTT",
      protocolLevel: 4,
      bridge: false,
      cleanSession: false,
      keepAliveSeconds: 60,
      clientId: this.clientId,
      will: undefined,
      username: undefined,
      password: undefined,
    });
  }

  /** The network is cut, and comes back at once. */
  cut(port: number): void {
    this.lost();
    this.connect(port);
  }

  lost(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.isConnected = false;
  }

  publish(topicName: string, payload: string, qos: 1 | 2, retain: boolean): void {
    do this.#packetId = (this.#packetId % (SUBSCRIBE_ID - 1)) + 1;
    while (this.#outgoing.has(this.#packetId));
    const outgoing = { topicName, payload, qos, retain, isReceived: false };
    this.#outgoing.set(this.#packetId, outgoing);
    if (this.isConnected) this.#send(this.#packetId, outgoing, false);
  }

  #on(packet: Packet): void {
    switch (packet.type) {
      case PacketType.CONNACK:
        if (packet.returnCode !== 0) {
          this.lost();
          break;
        }
        this.isConnected = true;
        this.sessionPresent.push(packet.sessionPresent);
        for (const [packetId, outgoing] of this.#outgoing) this.#send(packetId, outgoing, true);
        if (!this.#isSubscribed) this.#subscribe();
        break;
      case PacketType.SUBACK:
        this.#isSubscribed = true;
        break;
      case PacketType.PUBLISH:
        this.#onPublish(packet);
        break;
      case PacketType.PUBREL:
        this.#awaitingPubrel.delete(packet.packetId);
        this.#write({ type: PacketType.PUBCOMP, packetId: packet.packetId });
        break;
      case PacketType.PUBREC: {
        const outgoing = this.#outgoing.get(packet.packetId);
        if (outgoing !== undefined) outgoing.isReceived = true;
        this.#write({ type: PacketType.PUBREL, packetId: packet.packetId });
        break;
      }
      case PacketType.PUBACK:
      case PacketType.PUBCOMP: {
        const outgoing = this.#outgoing.get(packet.packetId);
        if (outgoing === undefined) break;
        this.#outgoing.delete(packet.packetId);
        this.acknowledged.push(outgoing);
        break;
      }
      default:
        throw new Error(`${this.clientId} got a packet of type ${packet.type}`);
    }
  }

  #onPublish({ qos, packetId, topicName, payload }: Publish): void {
    const isRepeat = qos === 2 && this.#awaitingPubrel.has(packetId);
    if (!isRepeat) {
      const padded = new TextDecoder().decode(payload);
      const text = padded.trimEnd();
      if (padded !== text.padEnd(this.payloadBytes)) throw new Error(`${text} came cut short`);
      this.received.push(text);
      this.arrivals.push({ topicName, payload: text });
    }
    if (qos === 2) this.#awaitingPubrel.add(packetId);
    if (qos > 0) this.#write({ type: qos === 2 ? PacketType.PUBREC : PacketType.PUBACK, packetId });
  }

  #subscribe(): void {
    const requests = this.#filters.map(([topicFilter, requestedQos]) => ({
      topicFilter,
      requestedQos,
    }));
    this.#write({ type: PacketType.SUBSCRIBE, packetId: SUBSCRIBE_ID, requests });
  }

  #send(packetId: number, outgoing: Outgoing, dup: boolean): void {
    const { topicName, payload, qos, retain, isReceived } = outgoing;
    if (isReceived) {
      this.#write({ type: PacketType.PUBREL, packetId });
      return;
    }
    const bytes = new TextEncoder().encode(payload.padEnd(this.payloadBytes));
    const type = PacketType.PUBLISH;
    this.#write({ type, dup, qos, retain, topicName, packetId, payload: bytes });
  }

  #write(packet: Packet): void {
    this.#socket?.write(encode(packet));
  }
}
