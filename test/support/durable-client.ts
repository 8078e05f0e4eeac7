import { type Packet, PacketType, type QoS } from "../../src/engine.js";
import { connectPacket, type Harness, type Peer, publishPacket, textOf } from "./harness.js";

/** What a Client keeps until the exchange about a message of its own has ended. §4.4 */
interface Outgoing {
  readonly topicName: string;
  readonly payload: string;
  readonly qos: QoS;
  readonly retain: boolean;
  /** PUBREC came: from here on PUBREL is repeated. */
  isReceived: boolean;
}

/**
 * A Client that does what the standard asks of one that keeps its Session: it repeats what is not
 * acknowledged, and takes a QoS 2 message once. Its state outlives every connection and every
 * broker, so that whoever loses a message is found out.
 */
export class DurableClient {
  readonly clientId: string;
  /** Payloads in order of arrival. */
  readonly received: string[] = [];
  /** Payloads of messages whose exchange has ended: the broker is responsible for them. */
  readonly acknowledged: string[] = [];
  /** What each CONNACK said. */
  readonly sessionPresent: boolean[] = [];
  readonly #will: { topicName: string; payload: Uint8Array; qos: QoS } | undefined;
  readonly #outgoing = new Map<number, Outgoing>();
  readonly #awaitingPubrel = new Set<number>();
  #packetId = 0;
  #peer: Peer | undefined;
  #isAccepted = false;
  #toSubscribe: (readonly [string, QoS])[] = [];
  #subackWaits = false;

  constructor(clientId: string, will?: { topicName: string; payload: Uint8Array; qos: QoS }) {
    this.clientId = clientId;
    this.#will = will;
  }

  /** Whether nothing of its own waits for an answer. */
  get isQuiet(): boolean {
    return this.#outgoing.size === 0 && this.#toSubscribe.length === 0;
  }

  get isConnected(): boolean {
    return this.#peer !== undefined && !this.#peer.isClosed;
  }

  connect(harness: Harness): void {
    this.#isAccepted = false;
    this.#subackWaits = false;
    this.#peer = harness.open();
    const { clientId } = this;
    const will = this.#will === undefined ? {} : { will: this.#will };
    this.#peer.send(connectPacket({ clientId, cleanSession: false, ...will }));
  }

  /** The network is gone; nobody has said good-bye. */
  cut(): void {
    this.#peer?.cut();
    this.lose();
  }

  /** The other side is gone. */
  lose(): void {
    this.#peer = undefined;
    this.#isAccepted = false;
  }

  disconnect(): void {
    this.#peer?.disconnect();
    this.lose();
  }

  subscribe(topicFilter: string, qos: QoS): void {
    this.#toSubscribe.push([topicFilter, qos]);
    this.#subscribeNow();
  }

  publish(topicName: string, payload: string, qos: QoS, retain = false): void {
    do this.#packetId = (this.#packetId % 65_535) + 1;
    while (this.#outgoing.has(this.#packetId));
    const outgoing = { topicName, payload, qos, retain, isReceived: false };
    this.#outgoing.set(this.#packetId, outgoing);
    if (this.#isAccepted) this.#send(this.#packetId, outgoing, false);
  }

  /** Works on everything that came. @returns whether anything did. */
  work(): boolean {
    const packets = this.#peer?.packets() ?? [];
    for (const packet of packets) this.#on(packet);
    return packets.length > 0;
  }

  #on(packet: Packet): void {
    switch (packet.type) {
      case PacketType.CONNACK:
        this.#isAccepted = true;
        this.sessionPresent.push(packet.sessionPresent);
        for (const [packetId, outgoing] of this.#outgoing) this.#send(packetId, outgoing, true);
        this.#subscribeNow();
        break;
      case PacketType.SUBACK:
        this.#subackWaits = false;
        this.#toSubscribe.shift();
        this.#subscribeNow();
        break;
      case PacketType.PUBLISH:
        this.#onPublish(packet.qos, packet.packetId, textOf(packet.payload));
        break;
      case PacketType.PUBREL:
        this.#awaitingPubrel.delete(packet.packetId);
        this.#peer?.pubcomp(packet.packetId);
        break;
      case PacketType.PUBREC:
        this.#onPubrec(packet.packetId);
        break;
      case PacketType.PUBACK:
      case PacketType.PUBCOMP:
        this.#onDone(packet.packetId);
        break;
      default:
        throw new Error(`a client does not expect ${JSON.stringify(packet)}`);
    }
  }

  #onPublish(qos: QoS, packetId: number, payload: string): void {
    if (qos !== 2) this.received.push(payload);
    if (qos === 1) this.#peer?.puback(packetId);
    if (qos !== 2) return;
    if (!this.#awaitingPubrel.has(packetId)) this.received.push(payload);
    this.#awaitingPubrel.add(packetId);
    this.#peer?.pubrec(packetId);
  }

  #onPubrec(packetId: number): void {
    const outgoing = this.#outgoing.get(packetId);
    if (outgoing !== undefined) outgoing.isReceived = true;
    this.#peer?.pubrel(packetId);
  }

  #onDone(packetId: number): void {
    const outgoing = this.#outgoing.get(packetId);
    if (outgoing === undefined) return;
    this.#outgoing.delete(packetId);
    this.acknowledged.push(outgoing.payload);
  }

  #send(packetId: number, outgoing: Outgoing, dup: boolean): void {
    const { topicName, payload, qos, retain, isReceived } = outgoing;
    if (isReceived) this.#peer?.pubrel(packetId);
    else this.#peer?.send(publishPacket(topicName, payload, { qos, packetId, retain, dup }));
  }

  #subscribeNow(): void {
    const [next] = this.#toSubscribe;
    if (next === undefined || !this.#isAccepted || this.#subackWaits) return;
    this.#subackWaits = true;
    const requests = [{ topicFilter: next[0], requestedQos: next[1] }];
    this.#peer?.send({ type: PacketType.SUBSCRIBE, packetId: 65_535, requests });
  }
}
