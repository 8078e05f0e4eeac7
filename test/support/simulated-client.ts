import { type Packet, PacketType, type Publish, type QoS } from "../../src/engine.js";
import {
  answerTo,
  bytesOf,
  connectPacket,
  type Harness,
  type Peer,
  publishPacket,
  textOf,
} from "./harness.js";

/** A message as it reached a Client for the first time, or, at QoS 0 and 1, again. */
export interface Received {
  readonly payload: string;
  readonly topicName: string;
  readonly qos: QoS;
  /** Which life of its Session it came in. */
  readonly life: number;
}

interface Outgoing {
  readonly publish: Publish;
  /** PUBREC has come: PUBREL is repeated from now on, not PUBLISH. */
  isReleased: boolean;
}

/**
 * A Client that obeys the standard: it keeps its half of the Session State, repeats what is open
 * when it resumes, and answers when the test lets it. Whatever the broker must never send it throws.
 */
export class SimulatedClient {
  readonly clientId: string;
  /** Everything it took as a message, in order: a QoS 2 repeat is none. */
  readonly received: Received[] = [];
  peer: Peer | undefined;
  /** How many Sessions it has had. */
  life = 0;
  readonly #harness: Harness;
  /** Receiver side of QoS 2: identifiers between PUBLISH and PUBREL. */
  readonly #open = new Set<number>();
  /** Identifiers that the broker has in use towards this Client, and for what. */
  readonly #inUse = new Map<number, string>();
  /** Sender side of QoS 1 and 2, in order of first sending. */
  readonly #outgoing = new Map<number, Outgoing>();
  #answers: Packet[] = [];

  constructor(harness: Harness, clientId: string) {
    this.#harness = harness;
    this.clientId = clientId;
  }

  /** Answers it has not sent yet. */
  get answerCount(): number {
    return this.#answers.length;
  }

  /** Messages of its own that are not acknowledged to the end. */
  get outgoingCount(): number {
    return this.#outgoing.size;
  }

  /**
   * Connects; {@link repeat} is due if its Session was resumed.
   *
   * @param whileWaiting - Called when CONNECT was sent: CONNACK must be there when it returns.
   * @returns the QoS 1 messages among that: to the broker they are new ones. [MQTT-4.3.2-2]
   */
  connect(cleanSession: boolean, will: string | undefined, whileWaiting: () => void): Publish[] {
    const peer = this.#harness.open();
    const topicName = `w/${this.clientId}`;
    peer.send(
      connectPacket({
        clientId: this.clientId,
        cleanSession,
        ...(will !== undefined && { will: { topicName, payload: bytesOf(will), qos: 1 } }),
      }),
    );
    whileWaiting();
    const connack = peer.first(PacketType.CONNACK);
    if (connack.returnCode !== 0) throw new Error(`refused: code ${connack.returnCode}`);
    peer.sessionPresent = connack.sessionPresent;
    this.peer = peer;
    this.#answers = [];
    if (!peer.sessionPresent) {
      this.life += 1;
      this.#open.clear();
      this.#inUse.clear();
      this.#outgoing.clear();
    }
    return Array.from(this.#outgoing.values(), ({ publish }) => publish).filter(
      ({ qos }) => qos === 1,
    );
  }

  /** Sends again what is not acknowledged to the end. [MQTT-4.4.0-1] */
  repeat(): void {
    for (const [packetId, { publish, isReleased }] of this.#outgoing) {
      this.peer?.send(
        isReleased ? { type: PacketType.PUBREL, packetId } : { ...publish, dup: true },
      );
    }
  }

  /** The connection is gone: what was not read and not answered is lost with it. */
  lose(): void {
    this.peer = undefined;
    this.#answers = [];
  }

  publish(topicName: string, payload: string, qos: QoS): void {
    let packetId = 1;
    while (this.#outgoing.has(packetId)) packetId += 1;
    const publish = publishPacket(topicName, payload, { qos, packetId });
    if (qos > 0) this.#outgoing.set(packetId, { publish, isReleased: false });
    this.peer?.send(publish);
  }

  /** Reads everything that has come; answers wait for {@link answer}. @returns how much it was. */
  read(): number {
    const packets = this.peer?.packets() ?? [];
    for (const packet of packets) {
      this.#take(packet);
      const answer = answerTo(packet);
      if (answer !== undefined) this.#answers.push(answer);
    }
    return packets.length;
  }

  /** Sends the oldest answers, at most so many. */
  answer(countMax: number): void {
    for (const answer of this.#answers.splice(0, countMax)) {
      const isLast = answer.type === PacketType.PUBACK || answer.type === PacketType.PUBCOMP;
      if (isLast) this.#inUse.delete(answer.packetId);
      this.peer?.send(answer);
    }
  }

  #take(packet: Packet): void {
    switch (packet.type) {
      case PacketType.PUBLISH:
        this.#takeMessage(packet);
        break;
      case PacketType.PUBREL:
        this.#open.delete(packet.packetId);
        break;
      case PacketType.PUBACK:
      case PacketType.PUBCOMP:
        if (!this.#outgoing.delete(packet.packetId)) {
          throw new Error(`packet type ${packet.type} for ${packet.packetId}, which is not open`);
        }
        break;
      case PacketType.PUBREC: {
        const outgoing = this.#outgoing.get(packet.packetId);
        if (outgoing === undefined) throw new Error(`PUBREC ${packet.packetId} for nothing`);
        outgoing.isReleased = true;
        break;
      }
      case PacketType.SUBACK:
      case PacketType.UNSUBACK:
        break;
      default:
        throw new Error(`a broker does not send packet type ${packet.type} now`);
    }
  }

  #takeMessage({ topicName, payload, qos, packetId, dup }: Publish): void {
    const text = textOf(payload);
    if (qos > 0) {
      const inUse = this.#inUse.get(packetId);
      if (inUse !== undefined && inUse !== text) throw new Error(`${packetId} is still in use`);
      if (inUse !== undefined && !dup) throw new Error(`${packetId} again without DUP`);
      this.#inUse.set(packetId, text);
    }
    if (qos === 2) {
      if (this.#open.has(packetId)) return; // a repeat
      this.#open.add(packetId);
    }
    this.received.push({ payload: text, topicName, qos, life: this.life });
  }
}
