import { encode } from "../codec/index.js";
import { orderError, UsageError } from "../protocol/errors.js";
import type { Packet, Publish, Pubrel, Subscribe, Unsubscribe } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import type { SubackReturnCode } from "../protocol/return-codes.js";
import { PACKET_ID_MAX } from "../session/in-flight.js";
import { Inbound } from "../session/inbound.js";

/** A packet that waits for its acknowledgement. */
type Awaiting = Publish | Pubrel | Subscribe | Unsubscribe;

/** Told once how an exchange ends. */
export interface Settle {
  done(returnCodes: readonly SubackReturnCode[]): void;
  failed(error: Error): void;
}

interface Exchange {
  packet: Awaiting;
  readonly settle: Settle;
}

/** What a received packet asks for. */
export interface Reaction {
  /** An Application Message to be passed on, before the answer is sent. */
  readonly message: Publish | undefined;
  readonly answer: Packet | undefined;
}

const NOTHING: Reaction = { message: undefined, answer: undefined };

/**
 * The Session State that a Client keeps, §3.1.2.4: what it sent and nobody acknowledged, and the
 * QoS 2 identifiers it has received. It decides; who calls it sends. [MQTT-3.1.2-4] [MQTT-4.1.0-1]
 */
export class ClientSession {
  /**
   * By Packet Identifier, PUBLISH packets in the order of sending, PUBREL packets in the order
   * their PUBREC came: a map keeps the order of insertion, and PUBREC inserts anew.
   */
  readonly #exchanges = new Map<number, Exchange>();
  #inbound = new Inbound({ inboundInFlightMax: PACKET_ID_MAX });
  #lastPacketId = 0;

  /**
   * Begins an exchange under an identifier nothing else uses now. [MQTT-2.3.1-2]
   *
   * @param packetWith - Makes the packet with its identifier.
   * @returns its bytes.
   * @throws UsageError for what a packet cannot hold, or when all identifiers are in use.
   */
  begin(packetWith: (packetId: number) => Publish | Subscribe | Unsubscribe, settle: Settle) {
    const packet = packetWith(this.#freePacketId());
    const bytes = encode(packet); // throws before anything is remembered
    this.#lastPacketId = packet.packetId;
    this.#exchanges.set(packet.packetId, { packet, settle });
    return bytes;
  }

  /**
   * What to do about a packet from the Server. Acknowledgements leave in the order in which the
   * packets came: each is the answer to this one. [MQTT-4.6.0-2] [MQTT-4.6.0-3] [MQTT-4.6.0-4]
   *
   * @throws ProtocolError when the Server answers what was not asked.
   */
  receive(packet: Packet): Reaction {
    switch (packet.type) {
      case PacketType.PUBLISH:
        return this.#onPublish(packet);
      case PacketType.PUBREL:
        this.#inbound.release(packet.packetId);
        return answer({ type: PacketType.PUBCOMP, packetId: packet.packetId }); // [MQTT-4.3.3-2]
      case PacketType.PUBREC:
        return this.#onPubrec(packet.packetId);
      case PacketType.PUBACK:
      case PacketType.PUBCOMP:
      case PacketType.UNSUBACK:
        this.#finish(packet.packetId, AWAITED_BY[packet.type], []);
        return NOTHING;
      case PacketType.SUBACK:
        this.#finish(packet.packetId, PacketType.SUBSCRIBE, packet.returnCodes);
        return NOTHING;
      default:
        return NOTHING;
    }
  }

  /** What goes out again on a new connection, in order, under the same identifiers. [MQTT-4.4.0-1] */
  *unacknowledged(): Iterable<Packet> {
    for (const { packet } of this.#exchanges.values()) {
      // [MQTT-3.3.1-1] [MQTT-4.6.0-1]
      yield packet.type === PacketType.PUBLISH ? { ...packet, dup: true } : packet;
    }
  }

  /** The connection is gone: requests end with it, messages wait for the next one. */
  connectionLost(errorOf: () => Error): void {
    for (const [packetId, { packet, settle }] of [...this.#exchanges]) {
      if (packet.type === PacketType.PUBLISH || packet.type === PacketType.PUBREL) continue;
      this.#exchanges.delete(packetId);
      settle.failed(errorOf());
    }
  }

  /**
   * The Session has ended: nothing of it is left. [MQTT-3.1.2-6]
   *
   * @param errorOf - Makes what is told to whoever waits: when 82,000 Clients go at once, and nobody
   *   waits, their errors would take two seconds.
   */
  end(errorOf: () => Error): void {
    if (this.#exchanges.size === 0) {
      this.#inbound = new Inbound({ inboundInFlightMax: PACKET_ID_MAX });
      return;
    }
    const error = errorOf();
    const exchanges = [...this.#exchanges.values()];
    this.#exchanges.clear();
    this.#inbound = new Inbound({ inboundInFlightMax: PACKET_ID_MAX });
    for (const { settle } of exchanges) settle.failed(error);
  }

  #onPublish(packet: Publish): Reaction {
    const { packetId, qos } = packet;
    if (qos === 0) return { message: packet, answer: undefined };
    if (qos === 1) return { message: packet, answer: { type: PacketType.PUBACK, packetId } };
    const isNew = this.#inbound.receive(packetId); // [MQTT-4.3.3-2]
    return {
      message: isNew ? packet : undefined,
      answer: { type: PacketType.PUBREC, packetId },
    };
  }

  #onPubrec(packetId: number): Reaction {
    const exchange = this.#exchanges.get(packetId);
    const pubrel: Pubrel = { type: PacketType.PUBREL, packetId };
    if (exchange !== undefined) {
      const { packet } = exchange;
      const isDue = packet.type === PacketType.PUBREL || isQos2(packet);
      if (!isDue) throw orderError("wrong-acknowledgement");
      this.#exchanges.delete(packetId);
      this.#exchanges.set(packetId, { packet: pubrel, settle: exchange.settle }); // [MQTT-4.3.3-1]
    }
    return answer(pubrel);
  }

  /** An identifier is free again when its last acknowledgement came. [MQTT-2.3.1-3] */
  #finish(packetId: number, awaitedBy: PacketType, returnCodes: readonly SubackReturnCode[]): void {
    const exchange = this.#exchanges.get(packetId);
    if (exchange === undefined) return;
    const { packet, settle } = exchange;
    if (packet.type !== awaitedBy || isQos2(packet)) {
      throw orderError("wrong-acknowledgement");
    }
    this.#exchanges.delete(packetId);
    settle.done(returnCodes);
  }

  #freePacketId(): number {
    if (this.#exchanges.size === PACKET_ID_MAX) {
      throw new UsageError(`all ${PACKET_ID_MAX} Packet Identifiers wait for an acknowledgement`);
    }
    let packetId = this.#lastPacketId;
    do packetId = packetId === PACKET_ID_MAX ? 1 : packetId + 1;
    while (this.#exchanges.has(packetId));
    return packetId;
  }
}

/** Which packet an acknowledgement ends. */
const AWAITED_BY = {
  [PacketType.PUBACK]: PacketType.PUBLISH,
  [PacketType.PUBCOMP]: PacketType.PUBREL,
  [PacketType.UNSUBACK]: PacketType.UNSUBSCRIBE,
} as const;

function isQos2(packet: Awaiting): boolean {
  return packet.type === PacketType.PUBLISH && packet.qos === 2;
}

function answer(packet: Packet): Reaction {
  return { message: undefined, answer: packet };
}
