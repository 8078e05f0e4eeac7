import type { EncodablePacket, EncodablePublish, Puback } from "../protocol/packet.js";
import { PacketType, RESERVED_FLAGS } from "../protocol/packet-type.js";
import { BytePool, POOLED_BYTES_MAX } from "./bytes/byte-pool.js";
import { isBytes } from "./bytes/bytes.js";
import { checkRoom, writePacketId } from "./frame/byte-writer.js";
import { bytesOf, checkInteger, refuseField } from "./frame/fields.js";
import {
  checkRemainingLength,
  remainingLengthSize,
  writeRemainingLength,
} from "./frame/remaining-length.js";
import { ACK_LENGTH, PUBACK_BYTE, PUBREL_BYTE } from "./layout/acks.js";
import { CONNACK_LENGTH, writeConnackBody } from "./layout/connack.js";
import { connectLength, writeConnect } from "./layout/connect.js";
import { encodePublish, publishRemainingLength } from "./layout/publish.js";
import { subackLength, writeSuback } from "./layout/suback.js";
import { subscribeLength, writeSubscribe } from "./layout/subscribe.js";
import { unsubscribeLength, writeUnsubscribe } from "./layout/unsubscribe.js";

/**
 * How many bytes {@link encodeInto} will write for a packet. O(length of its strings).
 *
 * @throws {@link UsageError} when a string holds a lone surrogate, a field is longer than 65,535
 *   bytes or the Remaining Length above 268,435,455. Other faults are left to {@link encodeInto}.
 */
export function encodedLength(packet: EncodablePacket): number {
  checkPacket(packet);
  const remainingLength = remainingLengthOf(packet);
  checkRemainingLength(remainingLength);
  return 1 + remainingLengthSize(remainingLength) + remainingLength;
}

/**
 * Writes a packet into `target` from `offset` on and returns where it ends. O(length), one pass.
 *
 * @throws {@link UsageError} naming the field, its value and what is allowed, whenever a strict
 *   decoder would refuse the packet or `target` has too little room. What stands behind `offset`
 *   in `target` is then undefined.
 */
export function encodeInto(packet: EncodablePacket, target: Uint8Array, offset: number): number {
  const type = packet?.type;
  // Written here, an acknowledgement takes 4 ns instead of 7: the compiler makes it a part of the caller.
  const first = type === PacketType.PUBACK ? PUBACK_BYTE : firstByteOfAck(type);
  if (first !== 0) {
    const { packetId } = packet as Puback;
    // To read the last byte is to ask whether there is room, and spares the store there that question.
    const fits = offset >>> 0 === offset && target[offset + 3] !== undefined;
    if (fits && (packetId & 0xffff) === packetId && packetId !== 0) {
      target[offset] = first;
      target[offset + 1] = 2;
      target[offset + 2] = packetId >> 8;
      target[offset + 3] = packetId;
      return offset + 4;
    }
  }
  return encodeChecked(packet, target, offset);
}

/** The first byte of the other packets of a QoS exchange; 0 for all else. [MQTT-3.6.1-1] */
function firstByteOfAck(type: PacketType): number {
  if (type === PacketType.PUBREC || type === PacketType.PUBCOMP) return type << 4;
  return type === PacketType.PUBREL ? PUBREL_BYTE : 0;
}

function encodeChecked(packet: EncodablePacket, target: Uint8Array, offset: number): number {
  checkPacket(packet);
  if (offset >>> 0 !== offset) checkInteger(offset, "offset", 0, 0xffffffff);
  if (packet.type === PacketType.PUBLISH) return encodePublish(packet, target, offset);
  return encodeWithBody(packet, target, offset);
}

/**
 * A packet as bytes. What has a default may be left out, and text may stand for its UTF-8: see
 * {@link EncodablePacket}. O(length).
 *
 * A packet of up to 2 KiB is a piece of a larger buffer, as small Node Buffers are: use
 * `encode(packet).slice()` for bytes that are to be transferred, or kept for long.
 *
 * @throws {@link UsageError} as {@link encodeInto}.
 */
export function encode(packet: EncodablePacket): Uint8Array {
  const size = sizeBound(packet);
  if (size > POOLED_BYTES_MAX) {
    const bytes = new Uint8Array(encodedLength(packet));
    encodeInto(packet, bytes, 0);
    return bytes;
  }
  const at = pool.reserve(size);
  const end = encodeInto(packet, pool.block, at);
  pool.take(end);
  return new Uint8Array(pool.buffer, at, end - at);
}

type NotPublish = Exclude<EncodablePacket, EncodablePublish>;

const pool = new BytePool();

/** At least as many bytes as the packet needs. */
function sizeBound(packet: EncodablePacket): number {
  if (packet?.type !== PacketType.PUBLISH) return encodedLength(packet);
  const { topicName, payload } = packet;
  // Fixed header, length and identifier take nine at most, a UTF-16 unit three.
  const bound = 9 + (typeof topicName === "string" ? 3 * topicName.length : 0);
  if (isBytes(payload)) return bound + payload.length;
  return bound + bytesOf(payload, "payload").length;
}

/** The first byte, with the reserved flags as the standard's table has them. [MQTT-2.2.2-1] */
function firstByte(type: PacketType): number {
  return (type << 4) | (RESERVED_FLAGS[type] as number); // an entry for every type
}

/** Nearly all packets are short: their Remaining Length is taken to have one byte. */
function encodeWithBody(packet: NotPublish, target: Uint8Array, offset: number): number {
  const bodyAt = offset + 2;
  const bodyEnd = writeBody(packet, target, bodyAt);
  checkRoom(target, bodyEnd);
  return writeFixedHeader(firstByte(packet.type), target, offset, bodyAt, bodyEnd);
}

/**
 * Writes the fixed header before a body that has been written already, so that its strings are
 * gone through once; moves the body where the header's length was guessed wrong.
 */
function writeFixedHeader(
  first: number,
  target: Uint8Array,
  offset: number,
  bodyAt: number,
  bodyEnd: number,
): number {
  const remainingLength = bodyEnd - bodyAt;
  checkRemainingLength(remainingLength);
  const at = offset + 1 + remainingLengthSize(remainingLength);
  if (at !== bodyAt) {
    checkRoom(target, at + remainingLength);
    target.copyWithin(at, bodyAt, bodyEnd);
  }
  target[offset] = first;
  writeRemainingLength(target, offset + 1, remainingLength);
  return at + remainingLength;
}

function writeBody(packet: NotPublish, target: Uint8Array, at: number): number {
  switch (packet.type) {
    case PacketType.CONNECT:
      return writeConnect(packet, target, at);
    case PacketType.CONNACK:
      return writeConnackBody(packet, target, at);
    case PacketType.SUBSCRIBE:
      return writeSubscribe(packet, target, at);
    case PacketType.SUBACK:
      return writeSuback(packet, target, at);
    case PacketType.UNSUBSCRIBE:
      return writeUnsubscribe(packet, target, at);
    case PacketType.PINGREQ:
    case PacketType.PINGRESP:
    case PacketType.DISCONNECT:
      return at;
    default:
      checkType(packet);
      return writePacketId(packet.packetId, target, at);
  }
}

function remainingLengthOf(packet: EncodablePacket): number {
  switch (packet.type) {
    case PacketType.CONNECT:
      return connectLength(packet);
    case PacketType.CONNACK:
      return CONNACK_LENGTH;
    case PacketType.PUBLISH:
      return publishRemainingLength(packet);
    case PacketType.SUBSCRIBE:
      return subscribeLength(packet);
    case PacketType.SUBACK:
      return subackLength(packet);
    case PacketType.UNSUBSCRIBE:
      return unsubscribeLength(packet);
    case PacketType.PINGREQ:
    case PacketType.PINGRESP:
    case PacketType.DISCONNECT:
      return 0;
    default:
      checkType(packet);
      return ACK_LENGTH;
  }
}

/** Of all that a program without types may pass these two have no fields to be complained about. */
function checkPacket(packet: EncodablePacket): void {
  if (packet === null || packet === undefined) refuseField("packet", "be an object", packet);
}

function checkType(packet: EncodablePacket): void {
  checkInteger(packet.type, "type", 1, 14);
}
