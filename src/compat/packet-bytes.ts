import { PacketType, UsageError } from "../codec/index.js";
import { checkTopicFilter, checkTopicName } from "../codec/text/text-check.js";
import { connectBytes } from "./connect-bytes.js";
import type { LoosePacket } from "./loose-packet.js";
import { byteLength, isText, PacketWriter, type Text, textLength } from "./packet-writer.js";
import { refuseVersion5, type VersionOptions } from "./versions.js";

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
