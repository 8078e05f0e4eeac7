import { PacketType, UsageError } from "../codec/index.js";
import { checkTopicFilter, checkTopicName } from "../codec/text-check.js";
import {
  binaryLength,
  byteLength,
  isText,
  PacketWriter,
  type Text,
  textLength,
} from "./packet-writer.js";
import { MQTT_5_REFUSED, refuseVersion5, type VersionOptions } from "./versions.js";

/** A packet as users hand it over: nothing about it is certain. */
export interface LoosePacket {
  readonly cmd?: unknown;
  readonly messageId?: unknown;
  readonly topic?: unknown;
  readonly payload?: unknown;
  readonly qos?: unknown;
  readonly dup?: unknown;
  readonly retain?: unknown;
  readonly returnCode?: unknown;
  readonly sessionPresent?: unknown;
  readonly subscriptions?: unknown;
  readonly granted?: unknown;
  readonly unsubscriptions?: unknown;
  readonly protocolId?: unknown;
  readonly protocolVersion?: unknown;
  readonly bridgeMode?: unknown;
  readonly clean?: unknown;
  readonly keepalive?: unknown;
  readonly clientId?: unknown;
  readonly will?: unknown;
  readonly username?: unknown;
  readonly password?: unknown;
}

/** Bytes of a packet, in one piece or with the payload of a PUBLISH apart. */
export interface PacketBytes {
  readonly head: Buffer;
  /** What follows `head`, the caller's own bytes. */
  readonly payload?: Uint8Array;
}

/** PUBLISH payloads above this many bytes are handed on as they are, not copied. */
const COPIED_BYTES_MAX = 2048;

/**
 * A packet as bytes. Defaults, checks and their sentences are those of `mqtt-packet`; what that
 * would write and no strict reader would take is refused with the sentence for the same field.
 *
 * @throws UsageError with the sentence.
 */
export function packetBytes(
  packet: LoosePacket,
  options: VersionOptions | undefined | null,
): PacketBytes {
  const { cmd } = packet;
  if (cmd === "publish") {
    refuseVersion5(options);
    return publishBytes(packet);
  }
  if (cmd === "connect") return { head: connectBytes(packet) };
  if (cmd === "auth") throw new UsageError("Invalid mqtt version for auth packet");
  const write = WRITERS.get(cmd);
  if (write === undefined) throw new UsageError("Unknown command");
  refuseVersion5(options);
  return { head: write(packet) };
}

const WRITERS = new Map<unknown, (packet: LoosePacket) => Buffer>([
  ["connack", connackBytes],
  ["puback", (packet) => ackBytes(0x40, packet)],
  ["pubrec", (packet) => ackBytes(0x50, packet)],
  ["pubrel", (packet) => ackBytes(0x62, packet)],
  ["pubcomp", (packet) => ackBytes(0x70, packet)],
  ["subscribe", subscribeBytes],
  ["suback", subackBytes],
  ["unsubscribe", unsubscribeBytes],
  ["unsuback", (packet) => ackBytes(0xb0, packet)],
  ["pingreq", () => Buffer.from([0xc0, 0])],
  ["pingresp", () => Buffer.from([0xd0, 0])],
  ["disconnect", () => Buffer.from([0xe0, 0])],
]);

/** §3.3 */
function publishBytes(packet: LoosePacket): PacketBytes {
  const { topic, dup, retain } = packet;
  const qos = packet.qos || 0;
  const payload = (packet.payload || "") as Text; // byteLength refuses others
  if (qos !== 0 && qos !== 1 && qos !== 2) throw new UsageError("Invalid qos");
  if (!isText(topic)) throw new UsageError("Invalid topic");
  const headLength = textLength(topic, "Invalid topic") + (qos === 0 ? 0 : 2);
  const payloadLength = byteLength(payload);
  const packetId = qos === 0 ? 0 : checkedPacketId(packet);
  const isApart = payloadLength > COPIED_BYTES_MAX && payload instanceof Uint8Array;
  // [MQTT-3.3.1-2]: a message that comes again at QoS 1 may go on at QoS 0, and must then not say so.
  const flags = (dup && qos !== 0 ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  const writer = new PacketWriter(
    (PacketType.PUBLISH << 4) | flags,
    headLength + payloadLength,
    isApart ? headLength : undefined,
  );
  writer.text(topic, "Invalid topic", checkTopicName);
  if (qos !== 0) writer.word(packetId);
  if (isApart) return { head: writer.bytes, payload };
  writer.rest(payload);
  return { head: writer.bytes };
}

/** §3.4 - §3.7, §3.11 */
function ackBytes(firstByte: number, packet: LoosePacket): Buffer {
  const packetId = checkedPacketId(packet);
  const writer = new PacketWriter(firstByte, 2);
  writer.word(packetId);
  return writer.bytes;
}

/** [MQTT-2.3.1-1] */
function checkedPacketId({ messageId }: LoosePacket): number {
  if (typeof messageId === "number" && Number.isInteger(messageId)) {
    if (messageId >= 1 && messageId <= 0xffff) return messageId;
  }
  throw new UsageError("Invalid messageId");
}

/** §3.2 */
function connackBytes({ returnCode, sessionPresent }: LoosePacket): Buffer {
  if (typeof returnCode !== "number" || !(returnCode >= 0 && returnCode <= 0xff)) {
    throw new UsageError("Invalid return code");
  }
  const writer = new PacketWriter(0x20, 2);
  writer.byte(sessionPresent && returnCode === 0 ? 1 : 0); // [MQTT-3.2.2-4]
  writer.byte(returnCode);
  return writer.bytes;
}

/** §3.8 */
function subscribeBytes(packet: LoosePacket): Buffer {
  const packetId = checkedPacketId(packet);
  const subscriptions = listOf<LoosePacket>(packet.subscriptions, "Invalid subscriptions");
  let length = 2;
  for (const { topic, qos } of subscriptions) {
    if (typeof topic !== "string") throw new UsageError(INVALID_FILTER);
    if (qos !== 0 && qos !== 1 && qos !== 2) {
      throw new UsageError("Invalid subscriptions - invalid qos");
    }
    length += textLength(topic, INVALID_FILTER) + 1;
  }
  const writer = new PacketWriter(0x82, length);
  writer.word(packetId);
  for (const { topic, qos } of subscriptions) {
    writer.text(topic as string, INVALID_FILTER, checkTopicFilter); // checked above
    writer.byte(qos as number); // checked above
  }
  return writer.bytes;
}

const INVALID_FILTER = "Invalid subscriptions - invalid topic";

/** §3.9 */
function subackBytes(packet: LoosePacket): Buffer {
  const packetId = checkedPacketId(packet);
  const granted = listOf<unknown>(packet.granted, "Invalid qos vector");
  const writer = new PacketWriter(0x90, 2 + granted.length);
  writer.word(packetId);
  for (const code of granted) {
    if (code !== 0 && code !== 1 && code !== 2 && code !== 0x80) {
      throw new UsageError("Invalid qos vector"); // [MQTT-3.9.3-2]
    }
    writer.byte(code);
  }
  return writer.bytes;
}

/** §3.10 */
function unsubscribeBytes(packet: LoosePacket): Buffer {
  const packetId = checkedPacketId(packet);
  const complaint = "Invalid unsubscriptions";
  const topics = listOf<unknown>(packet.unsubscriptions, complaint);
  let length = 2;
  for (const topic of topics) {
    if (typeof topic !== "string") throw new UsageError(complaint);
    length += textLength(topic, complaint);
  }
  const writer = new PacketWriter(0xa2, length);
  writer.word(packetId);
  for (const topic of topics) writer.text(topic as string, complaint, checkTopicFilter); // checked
  return writer.bytes;
}

function listOf<Element>(list: unknown, complaint: string): readonly Element[] {
  if (Array.isArray(list) && list.length > 0) return list;
  throw new UsageError(complaint);
}

/** §3.1 */
function connectBytes(packet: LoosePacket): Buffer {
  const connect = checkedConnect(packet);
  const { will, username, password } = connect;
  let length = 2 + connect.protocolId.length + 4 + textLength(connect.clientId, INVALID_CLIENT_ID);
  if (will !== undefined) {
    length += textLength(will.topic, "Invalid will topic");
    length += binaryLength(will.payload, "Invalid will payload");
  }
  if (username !== undefined) length += textLength(username, "Invalid username");
  if (password !== undefined) length += binaryLength(password, "Invalid password");
  const writer = new PacketWriter(0x10, length);
  writer.binary(connect.protocolId);
  writer.byte(connect.level);
  writer.byte(connect.flags);
  writer.word(connect.keepalive);
  writer.text(connect.clientId, INVALID_CLIENT_ID);
  if (will !== undefined) {
    writer.text(will.topic, "Invalid will topic", checkTopicName);
    writer.binary(will.payload);
  }
  if (username !== undefined) writer.text(username, "Invalid username");
  if (password !== undefined) writer.binary(password);
  return writer.bytes;
}

const INVALID_CLIENT_ID = "Invalid clientId";

interface CheckedConnect {
  readonly protocolId: string;
  readonly level: number;
  readonly flags: number;
  readonly keepalive: number;
  readonly clientId: Text;
  readonly will: CheckedWill | undefined;
  readonly username: Text | undefined;
  readonly password: Text | undefined;
}

interface CheckedWill {
  readonly topic: string;
  readonly payload: Text;
  readonly flags: number;
}

function checkedConnect(packet: LoosePacket): CheckedConnect {
  const protocolId = checkedProtocolId(packet.protocolId || "MQTT");
  const protocolVersion = checkedProtocolVersion(packet.protocolVersion || 4);
  const clean = packet.clean === undefined || Boolean(packet.clean);
  const clientId = checkedClientId(packet.clientId || "", protocolVersion, clean);
  const keepalive = checkedKeepalive(packet.keepalive || 0);
  const will = packet.will ? checkedWill(packet.will) : undefined;
  const username = textOrNothing(packet.username, "Invalid username");
  if (packet.password != null && username === undefined) {
    throw new UsageError("Username is required to use password"); // [MQTT-3.1.2-22]
  }
  const password = textOrNothing(packet.password, "Invalid password");
  const flags =
    (clean ? 0x02 : 0) |
    (will?.flags ?? 0) |
    (password === undefined ? 0 : 0x40) |
    (username === undefined ? 0 : 0x80);
  const level = protocolVersion + (packet.bridgeMode ? 0x80 : 0);
  return { protocolId, level, flags, keepalive, clientId, will, username, password };
}

function checkedProtocolId(protocolId: unknown): string {
  const name = isText(protocolId) ? Buffer.from(protocolId).toString("latin1") : "";
  if (name === "MQTT" || name === "MQIsdp") return name;
  throw new UsageError("Invalid protocolId");
}

function checkedProtocolVersion(protocolVersion: unknown): 3 | 4 {
  if (protocolVersion === 3 || protocolVersion === 4) return protocolVersion;
  throw new UsageError(protocolVersion === 5 ? MQTT_5_REFUSED : "Invalid protocol version");
}

/** §3.1.3.1: only MQTT 3.1.1 lets it be empty, and only for a clean session. */
function checkedClientId(clientId: unknown, protocolVersion: 3 | 4, clean: boolean): Text {
  if (!isText(clientId)) throw new UsageError(INVALID_CLIENT_ID);
  if (clientId.length > 0) return clientId;
  if (protocolVersion < 4) throw new UsageError("clientId must be supplied before 3.1.1");
  if (!clean) throw new UsageError("clientId must be given if cleanSession set to 0");
  return clientId;
}

function checkedKeepalive(keepalive: unknown): number {
  if (typeof keepalive === "number" && Number.isInteger(keepalive)) {
    if (keepalive >= 0 && keepalive <= 0xffff) return keepalive;
  }
  throw new UsageError("Invalid keepalive");
}

function checkedWill(will: unknown): CheckedWill {
  if (typeof will !== "object" || will === null) throw new UsageError("Invalid will");
  const { topic, payload = "", qos = 0, retain } = will as LoosePacket; // an object: checked above
  if (typeof topic !== "string" || topic === "") throw new UsageError("Invalid will topic");
  if (qos !== 0 && qos !== 1 && qos !== 2) throw new UsageError("Invalid will qos");
  const bytes = payload || "";
  if (!isText(bytes)) throw new UsageError("Invalid will payload");
  return { topic, payload: bytes, flags: 0x04 | (qos << 3) | (retain ? 0x20 : 0) };
}

function textOrNothing(value: unknown, complaint: string): Text | undefined {
  if (value === undefined || value === null) return undefined;
  if (isText(value)) return value;
  throw new UsageError(complaint);
}
