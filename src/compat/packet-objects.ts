import {
  type Connect,
  type PacketReader,
  PacketType,
  type QoS,
  type Subscribe,
} from "../codec/index.js";
import type { VersionOptions } from "./versions.js";

/** A packet as `mqtt-packet` emits it: the fields of its type, the others absent. */
export interface PacketObject {
  readonly cmd: string;
  readonly retain: boolean;
  /** Bits 2 and 1 of the first byte, whatever they mean. */
  readonly qos: number;
  readonly dup: boolean;
  /** Remaining Length. */
  readonly length: number;
  readonly topic: string | null;
  readonly payload: Buffer | null;
  messageId?: number;
  sessionPresent?: boolean;
  returnCode?: number;
  subscriptions?: readonly object[];
  granted?: readonly number[];
  unsubscriptions?: readonly string[];
  protocolId?: string;
  protocolVersion?: number;
  bridgeMode?: boolean;
  will?: { retain: boolean; qos: QoS; topic: string; payload: Buffer };
  clean?: boolean;
  keepalive?: number;
  clientId?: string;
  username?: string;
  password?: Buffer;
}

const NO_PAYLOAD = Buffer.alloc(0);

/** By packet type, as `mqtt-packet` calls them. */
export const COMMANDS = [
  "reserved",
  "connect",
  "connack",
  "publish",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "subscribe",
  "suback",
  "unsubscribe",
  "unsuback",
  "pingreq",
  "pingresp",
  "disconnect",
  "auth",
] as const;

/**
 * The reader's current packet, as `mqtt-packet` would emit it: the same fields in the same order.
 *
 * @param settings - The options of the parser, or the CONNECT it has seen.
 */
export function packetObject(reader: PacketReader, settings: VersionOptions): PacketObject {
  if (reader.type === PacketType.PUBLISH) return publishObject(reader);
  const length = reader.end - reader.bodyAt;
  const packet = reader.packet();
  switch (packet.type) {
    case PacketType.CONNECT:
      return connectObject(packet, length);
    case PacketType.CONNACK: {
      const { sessionPresent, returnCode } = packet;
      return { ...header("connack", 0, length), sessionPresent, returnCode };
    }
    case PacketType.SUBSCRIBE:
      return subscribeObject(packet, length, settings);
    case PacketType.SUBACK: {
      const granted = [...packet.returnCodes];
      return { ...header("suback", 0, length), granted, messageId: packet.packetId };
    }
    case PacketType.UNSUBSCRIBE: {
      const unsubscriptions = [...packet.topicFilters];
      return { ...header("unsubscribe", 1, length), unsubscriptions, messageId: packet.packetId };
    }
    case PacketType.PINGREQ:
    case PacketType.PINGRESP:
    case PacketType.DISCONNECT:
      return header(COMMANDS[packet.type], 0, length);
    default:
      return ackObject(packet.type, reader.packetId);
  }
}

/** The payload is a view of the received chunk, as it is with `mqtt-packet`. */
function publishObject(reader: PacketReader): PacketObject {
  const { retain, qos, dup, end, bodyAt, topicAt, topicEnd, payloadAt } = reader;
  const bytes = reader.bytes as Buffer; // the parser pushes nothing else
  const topic = bytes.toString("utf8", topicAt, topicEnd);
  const payload = payloadAt === end ? NO_PAYLOAD : bytes.subarray(payloadAt, end);
  const length = end - bodyAt;
  if (qos === 0) return { cmd: "publish", retain, qos, dup, length, topic, payload };
  const messageId = reader.packetId;
  return { cmd: "publish", retain, qos, dup, length, topic, payload, messageId };
}

/** PUBREL has the flags 0010, which `mqtt-packet` reads as QoS 1. */
function ackObject(type: PacketType, messageId: number): PacketObject {
  const cmd = COMMANDS[type];
  const qos = type === PacketType.PUBREL ? 1 : 0;
  return { cmd, retain: false, qos, dup: false, length: 2, topic: null, payload: null, messageId };
}

/** What every packet has. */
export function header(cmd: string, qos: number, length: number): PacketObject {
  return { cmd, retain: false, qos, dup: false, length, topic: null, payload: null };
}

function subscribeObject(
  { packetId, requests }: Subscribe,
  length: number,
  { bridgeMode }: VersionOptions,
): PacketObject {
  const subscriptions = requests.map(({ topicFilter, requestedQos }) =>
    bridgeMode
      ? { topic: topicFilter, qos: requestedQos, rh: 0, rap: true, nl: true }
      : { topic: topicFilter, qos: requestedQos },
  );
  return { ...header("subscribe", 1, length), subscriptions, messageId: packetId };
}

/** A CONNECT, in the order in which `mqtt-packet` comes by its fields. */
export function connectObject(packet: Connect, length: number): PacketObject {
  const object = header("connect", 0, length);
  object.protocolId = packet.protocolName;
  object.protocolVersion = packet.protocolLevel;
  if (packet.bridge) object.bridgeMode = true;
  if (packet.will !== undefined) {
    const { retain, qos, topicName, payload } = packet.will;
    object.will = { retain, qos, topic: topicName, payload: bufferOver(payload) };
  }
  object.clean = packet.cleanSession;
  object.keepalive = packet.keepAliveSeconds;
  object.clientId = packet.clientId;
  if (packet.username !== undefined) object.username = packet.username;
  if (packet.password !== undefined) object.password = bufferOver(packet.password);
  return object;
}

/** The same bytes as a `Buffer`, which is what programs for Node expect. */
function bufferOver({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return length === 0 ? NO_PAYLOAD : Buffer.from(buffer, byteOffset, length);
}
