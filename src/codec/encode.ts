import { UsageError } from "../protocol/errors.js";
import type { Packet } from "../protocol/packet.js";
import { PacketType, RESERVED_FLAGS } from "../protocol/packet-type.js";
import { ACK_LENGTH } from "./acks.js";
import { ByteWriter } from "./byte-writer.js";
import { CONNACK_LENGTH, writeConnackBody } from "./connack.js";
import { connectLength, writeConnect } from "./connect.js";
import { publishFlags, publishRemainingLength, writePublishBody } from "./publish.js";
import {
  REMAINING_LENGTH_MAX,
  remainingLengthSize,
  writeRemainingLength,
} from "./remaining-length.js";
import { subackLength, writeSuback } from "./suback.js";
import { subscribeLength, writeSubscribe } from "./subscribe.js";
import { unsubscribeLength, writeUnsubscribe } from "./unsubscribe.js";

/**
 * How many bytes {@link encodeInto} will write for a packet. O(length of its strings).
 *
 * @throws {@link UsageError} when a string holds a lone surrogate, a field is longer than 65,535
 *   bytes or the Remaining Length above 268,435,455. Other faults are left to {@link encodeInto}.
 */
export function encodedLength(packet: Packet): number {
  const remainingLength = remainingLengthOf(packet);
  return 1 + remainingLengthSize(remainingLength) + remainingLength;
}

/**
 * Writes a packet into `target` from `offset` on and returns where it ends. O(length).
 *
 * @throws {@link UsageError} naming the field, its value and what is allowed, whenever a strict
 *   decoder would refuse the packet or `target` has too little room. What stands behind `offset`
 *   in `target` is then undefined.
 */
export function encodeInto(packet: Packet, target: Uint8Array, offset: number): number {
  const remainingLength = remainingLengthOf(packet);
  const size = 1 + remainingLengthSize(remainingLength) + remainingLength;
  if (!Number.isInteger(offset) || offset < 0 || offset + size > target.length) {
    throw new UsageError(
      `offset must leave ${size} bytes of the target's ${target.length}, got ${String(offset)}`,
    );
  }
  target[offset] = firstByteOf(packet);
  const at = writeRemainingLength(target, offset + 1, remainingLength);
  const body = new ByteWriter(target, at);
  writeBody(packet, body);
  return body.at;
}

/**
 * A packet as bytes, a fresh array. O(length).
 *
 * @throws {@link UsageError} as {@link encodeInto}.
 */
export function encode(packet: Packet): Uint8Array {
  const bytes = new Uint8Array(encodedLength(packet));
  encodeInto(packet, bytes, 0);
  return bytes;
}

function remainingLengthOf(packet: Packet): number {
  const length = uncheckedRemainingLengthOf(packet);
  if (length > REMAINING_LENGTH_MAX) {
    throw new UsageError(
      `Remaining Length must be at most ${REMAINING_LENGTH_MAX}, got ${length}: ` +
        "the packet holds too many elements",
    );
  }
  return length;
}

function uncheckedRemainingLengthOf(packet: Packet): number {
  switch (packet.type) {
    case PacketType.CONNECT:
      return connectLength(packet);
    case PacketType.CONNACK:
      return CONNACK_LENGTH;
    case PacketType.PUBLISH:
      return publishRemainingLength(packet);
    case PacketType.PUBACK:
    case PacketType.PUBREC:
    case PacketType.PUBREL:
    case PacketType.PUBCOMP:
    case PacketType.UNSUBACK:
      return ACK_LENGTH;
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
      return unknownType(packet);
  }
}

function unknownType(packet: never): never {
  const { type } = packet as { type: unknown };
  throw new UsageError(`type must be one of PacketType, 1 to 14, got ${String(type)}`);
}

/** The first byte, with the reserved flags as the standard's table has them. [MQTT-2.2.2-1] */
function firstByteOf(packet: Packet): number {
  const flags =
    packet.type === PacketType.PUBLISH ? publishFlags(packet) : RESERVED_FLAGS[packet.type];
  return (packet.type << 4) | (flags as number); // the type was checked with the length
}

function writeBody(packet: Packet, body: ByteWriter): void {
  switch (packet.type) {
    case PacketType.CONNECT:
      writeConnect(packet, body);
      break;
    case PacketType.CONNACK:
      writeConnackBody(packet, body);
      break;
    case PacketType.PUBLISH:
      writePublishBody(packet, body);
      break;
    case PacketType.SUBSCRIBE:
      writeSubscribe(packet, body);
      break;
    case PacketType.SUBACK:
      writeSuback(packet, body);
      break;
    case PacketType.UNSUBSCRIBE:
      writeUnsubscribe(packet, body);
      break;
    case PacketType.PUBACK:
    case PacketType.PUBREC:
    case PacketType.PUBREL:
    case PacketType.PUBCOMP:
    case PacketType.UNSUBACK:
      body.packetId(packet.packetId);
      break;
    case PacketType.PINGREQ:
    case PacketType.PINGRESP:
    case PacketType.DISCONNECT:
      break;
  }
}
