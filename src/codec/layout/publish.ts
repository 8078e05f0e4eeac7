import type { Publish, QoS } from "../../protocol/packet.js";
import { PacketType } from "../../protocol/packet-type.js";
import { copyBytes } from "../bytes/bytes.js";
import { checkBoolean, checkBytes, checkInteger, checkQos, refuseField } from "../bytes/fields.js";
import { targetView } from "../bytes/target-view.js";
import { checkRoom, textLength, topicNames, writeTopicName } from "../frame/byte-writer.js";
import { type CurrentPacket, packetIdAt, refuse } from "../frame/current-packet.js";
import {
  checkRemainingLength,
  remainingLengthSize,
  writeRemainingLength,
} from "../frame/remaining-length.js";
import { topicString } from "../text/string-cache.js";
import type { TextRules } from "../text/text-check.js";
import { areLoadedFor, loadWords } from "../text/text-words.js";
import { scanTopicName, scanTopicNameByView } from "../text/topic-scan.js";

/** The first byte of a PUBLISH whose four flags are 0, §3.3.1. */
export const PUBLISH_BYTE = 0x30;

/** DUP and RETAIN among the low four bits, §3.3.1. */
export const DUP = 0x08;
const QOS = 0x06;
export const RETAIN = 0x01;

/**
 * Decodes a PUBLISH where it lies and fills the fields of `packet`. §3.3.
 *
 *     flags  DUP | QoS | QoS | RETAIN
 *     body   Topic Name (string) | Packet Identifier (u16, QoS > 0 only) | payload (rest)
 *
 * The first byte has been checked: QoS 3 and DUP at QoS 0 do not come here. O(topic length).
 *
 * @param view - Of `packet.bytes`, where one pays.
 * @throws {@link ProtocolError} `truncated`, what is wrong with the Topic Name, `zero-packet-id`.
 */
export function readPublish(
  packet: CurrentPacket,
  view: DataView | undefined,
  rules: TextRules,
): void {
  const { bytes, start, bodyAt, end, flags } = packet;
  if (end - bodyAt < 2) refuse("truncated", start, bodyAt);
  const topicAt = bodyAt + 2;
  // In bounds: checked above.
  const topicEnd = topicAt + (((bytes[bodyAt] as number) << 8) | (bytes[bodyAt + 1] as number));
  if (topicEnd > end) refuse("truncated", start, bodyAt);
  packet.topicAt = topicAt;
  packet.topicEnd = topicEnd;
  // [MQTT-3.3.2-1] [MQTT-3.3.2-2]
  packet.topicHash =
    view === undefined || topicEnd - topicAt < 4
      ? scanTopicName(bytes, topicAt, topicEnd, start, rules, packet.id)
      : scanTopicNameByView(bytes, topicAt, topicEnd, start, rules, view);
  if ((flags & QOS) === 0) {
    packet.packetId = 0; // [MQTT-2.3.1-5]
    packet.payloadAt = topicEnd;
  } else {
    packet.packetId = packetIdAt(packet, topicEnd);
    packet.payloadAt = topicEnd + 2;
  }
}

/** A PUBLISH that {@link readPublish} has read, as an object; its payload is a view. */
export function publishObject(packet: CurrentPacket): Publish {
  return {
    type: PacketType.PUBLISH,
    dup: packet.dup,
    qos: packet.qos,
    retain: packet.retain,
    topicName: topicNameOf(packet),
    packetId: packet.packetId,
    payload: packet.viewOf(packet.payloadAt, packet.end),
  };
}

/** The Topic Name of a PUBLISH that {@link readPublish} has read. O(its length). */
export function topicNameOf(packet: CurrentPacket): string {
  const { bytes, topicAt, topicEnd } = packet;
  const view = topicEnd - topicAt < 4 ? undefined : packet.view;
  if (view === undefined && !areLoadedFor(packet.id)) loadWords(bytes, topicAt, topicEnd);
  return topicString(bytes, topicAt, topicEnd, packet.topicHash, view);
}

/**
 * Length of a whole PUBLISH, fixed header included.
 *
 * @param topicBytesLength - Bytes of the Topic Name.
 */
export function publishLength(topicBytesLength: number, qos: QoS, payloadLength: number): number {
  const remainingLength = 2 + topicBytesLength + (qos === 0 ? 0 : 2) + payloadLength;
  return 1 + remainingLengthSize(remainingLength) + remainingLength;
}

/**
 * Writes a whole PUBLISH and returns where it ends. Checks nothing: the caller knows that it fits
 * (ask {@link publishLength}), that the Topic Name is valid, and that `packetId` is 1..65535 where
 * it is written: exactly when the QoS bits of `flags` are not 0. [MQTT-2.3.1-5]
 *
 * @param flags - The low four bits of the first byte: DUP, QoS, RETAIN.
 */
export function writePublish(
  target: Uint8Array,
  at: number,
  flags: number,
  topicBytes: Uint8Array,
  topicFrom: number,
  topicTo: number,
  packetId: number,
  payload: Uint8Array,
  payloadFrom: number,
  payloadTo: number,
): number {
  const payloadLength = payloadTo - payloadFrom;
  const topicLength = topicTo - topicFrom;
  const remainingLength = bodyLength(flags, topicLength, payloadLength);
  let into = writeFixedHeader(target, at, flags, remainingLength, topicLength);
  copyBytes(topicBytes, topicFrom, topicTo, target, into);
  into = writePacketIdIfAny(target, into + topicLength, flags, packetId);
  copyBytes(payload, payloadFrom, payloadTo, target, into);
  return into + payloadLength;
}

/**
 * Writes a PUBLISH up to its payload and returns where that begins: for payloads that are sent by
 * reference. Otherwise as {@link writePublish}.
 */
export function writePublishHeader(
  target: Uint8Array,
  at: number,
  flags: number,
  topicBytes: Uint8Array,
  packetId: number,
  payloadLength: number,
): number {
  const topicLength = topicBytes.length;
  const remainingLength = bodyLength(flags, topicLength, payloadLength);
  const into = writeFixedHeader(target, at, flags, remainingLength, topicLength);
  copyBytes(topicBytes, 0, topicLength, target, into);
  return writePacketIdIfAny(target, into + topicLength, flags, packetId);
}

/** Writes the fixed header and the length of the Topic Name. */
function writeFixedHeader(
  target: Uint8Array,
  at: number,
  flags: number,
  remainingLength: number,
  topicLength: number,
): number {
  target[at] = PUBLISH_BYTE | flags;
  const into = writeRemainingLength(target, at + 1, remainingLength);
  target[into] = topicLength >> 8;
  target[into + 1] = topicLength;
  return into + 2;
}

/** The Remaining Length. */
function bodyLength(flags: number, topicLength: number, payloadLength: number): number {
  return topicLength + payloadLength + ((flags & QOS) === 0 ? 2 : 4);
}

function writePacketIdIfAny(
  target: Uint8Array,
  at: number,
  flags: number,
  packetId: number,
): number {
  if ((flags & QOS) === 0) return at; // [MQTT-2.3.1-5]
  target[at] = packetId >> 8;
  target[at + 1] = packetId;
  return at + 2;
}

/** Remaining Length of a PUBLISH. */
export function publishRemainingLength({ topicName, qos, payload }: Publish): number {
  checkBytes(payload, "payload");
  return textLength(topicName, "topicName") + (qos === 0 ? 0 : 2) + payload.length;
}

/**
 * Writes a PUBLISH object whole and returns where it ends; the mirror of {@link readPublish}.
 *
 * @throws {@link UsageError} as `encodeInto`.
 */
export function encodePublish(packet: Publish, target: Uint8Array, offset: number): number {
  const { topicName, packetId, payload, dup, qos, retain } = packet;
  checkBytes(payload, "payload");
  let flags = 0;
  if (qos !== 0 || packetId !== 0 || dup !== false || retain !== false) {
    checkQos(qos, "qos");
    checkBoolean(dup, "dup");
    checkBoolean(retain, "retain");
    if (qos === 0) checkAtQos0(dup, packetId);
    else checkInteger(packetId, "packetId", 1, 0xffff); // [MQTT-2.3.1-1]
    flags = (dup ? DUP : 0) | (qos << 1) | (retain ? RETAIN : 0);
  }
  const payloadLength = payload.length;
  const place = topicNames.find(topicName);
  let at = offset + 4;
  if (place === undefined) {
    at = startAnew(target, offset, flags, topicName, payloadLength);
  } else {
    const topicLength = topicNames.lengthAt(place);
    const remainingLength = bodyLength(flags, topicLength, payloadLength);
    const end = offset + 2 + remainingLength;
    if (remainingLength < 0x80 && end <= target.length) {
      // A small packet, written straight down: 47 ns instead of 68 for 39 bytes.
      target[offset] = PUBLISH_BYTE | flags;
      target[offset + 1] = remainingLength;
      target[offset + 2] = 0;
      target[offset + 3] = topicLength;
    } else {
      at = start(target, offset, flags, topicLength, payloadLength);
    }
    topicNames.copy(place, target, targetView(target), at);
    at += topicLength;
  }
  at = writePacketIdIfAny(target, at, flags, packetId);
  copyBytes(payload, 0, payloadLength, target, at);
  return at + payloadLength;
}

function checkAtQos0(dup: boolean, packetId: number): void {
  if (dup) refuseField("dup", "be false when qos is 0 [MQTT-3.3.1-2]", dup);
  if (packetId !== 0) refuseField("packetId", "be 0 when qos is 0", packetId); // [MQTT-2.3.1-5]
}

/** Writes all before the Packet Identifier, with a Topic Name that is not remembered. */
function startAnew(
  target: Uint8Array,
  offset: number,
  flags: number,
  topicName: string,
  payloadLength: number,
): number {
  const topicLength = textLength(topicName, "topicName") - 2;
  const topicAt = start(target, offset, flags, topicLength, payloadLength);
  return writeTopicName(topicName, "topicName", target, topicAt - 2);
}

/** {@link writeFixedHeader}, once it is clear that the whole packet fits. */
function start(
  target: Uint8Array,
  offset: number,
  flags: number,
  topicLength: number,
  payloadLength: number,
): number {
  const remainingLength = bodyLength(flags, topicLength, payloadLength);
  checkRemainingLength(remainingLength);
  const end = offset + 1 + remainingLengthSize(remainingLength) + remainingLength;
  checkRoom(target, end);
  return writeFixedHeader(target, offset, flags, remainingLength, topicLength);
}
