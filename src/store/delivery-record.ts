import type { QoS } from "../protocol/packet.js";
import { Delivery, type DeliveryState } from "../session/delivery.js";
import { Message } from "../session/message.js";
import { asBuffer, numberAt, sequenceOf } from "./keys.js";
import { CHECKSUM_BYTES, DamagedRecordError, sealedCopy, sealedEnd } from "./seal.js";
import type { Times } from "./times.js";

const RETAIN = 1 << 2;
const POINT_TO_POINT = 1 << 3;
const HAS_MESSAGE = 1 << 4;
const STATE_SHIFT = 5;
/** The message is in the table of payloads. */
const REFERS = 1 << 7;
/** Beside the QoS of the message: it names the shared Subscription it came by. [M30] */
const BY_SHARE = 1 << 2;
/** Behind the Topic Filter of a share: its length. */
const SHARE_LENGTH_BYTES = 2;
/** Beside it: a Client is to be told what becomes of it. [P20] */
const HAS_RECEIPT = 1 << 3;
/** Behind the address of a receipt: its length. */
const RECEIPT_LENGTH_BYTES = 4;
/** flags, message QoS, Packet Identifier, expiry, length of the Topic Name. */
const HEADER_BYTES = 1 + 1 + 2 + 8 + 2;
const TOPIC_LENGTH_AT = 12;
const REFERENCE_BYTES = 6;

/**
 * From so many bytes of Topic Name and payload on, a message is kept once for all its receivers.
 *
 * From here on it costs one receiver no more than keeping it in the delivery, and a second one next
 * to nothing. Measured: see "One message, many receivers" in spec-notes/decisions.md.
 */
export const SHARED_FROM_BYTES = 4_096;

/** Finds a message by the number that a delivery refers to it by. */
export type FindPayload = (payload: number, qos: QoS) => Message;

/**
 *     flags (qos 2 bits, retain, point-to-point, has message, state 2 bits, refers) |
 *     message QoS (2 bits, by share, has receipt) | Packet Identifier u16 | expires f64, ms |
 *     Topic Name (u16 length) | payload | checksum
 *
 * When it refers to a payload, its number (u48) stands instead of Topic Name and payload. Before the
 * checksum of one that came by a share stand the filter of that, and its length (u16); then of one
 * with a receipt for a Client the address of that, and its length (u32).
 */
export function encodeDelivery(delivery: Delivery, times: Times): Buffer {
  const { message, share } = delivery;
  const receipt = typeof delivery.receipt === "string" ? delivery.receipt : "";
  const storedPayload = Math.max(0, delivery.storedPayload);
  const isInside = message !== undefined && storedPayload === 0;
  const topicBytes = isInside ? message.topic.length : 0;
  const restBytes = isInside ? topicBytes + message.payloadEnd - message.payloadAt : 0;
  const shareAt = HEADER_BYTES + restBytes + (storedPayload === 0 ? 0 : REFERENCE_BYTES);
  const shareBytes = share === "" ? 0 : Buffer.byteLength(share) + SHARE_LENGTH_BYTES;
  const receiptAt = shareAt + shareBytes;
  const receiptBytes = receipt === "" ? 0 : Buffer.byteLength(receipt) + RECEIPT_LENGTH_BYTES;
  const record = Buffer.allocUnsafe(receiptAt + receiptBytes + CHECKSUM_BYTES);
  record[0] = flagsOf(delivery) | (storedPayload === 0 ? 0 : REFERS);
  record[1] =
    (message === undefined ? 0 : message.qos) |
    (shareBytes === 0 ? 0 : BY_SHARE) |
    (receiptBytes === 0 ? 0 : HAS_RECEIPT);
  record.writeUInt16BE(delivery.packetId, 2);
  record.writeDoubleBE(times.toStored(delivery.expiresMs), 4);
  record.writeUInt16BE(topicBytes, TOPIC_LENGTH_AT);
  if (isInside) {
    record.set(message.topic, HEADER_BYTES);
    record.set(message.payload, HEADER_BYTES + topicBytes);
  } else if (storedPayload !== 0) {
    record.writeUIntBE(storedPayload, HEADER_BYTES, REFERENCE_BYTES);
  }
  if (shareBytes > 0) {
    const lengthAt = shareAt + record.write(share, shareAt);
    record.writeUInt16BE(lengthAt - shareAt, lengthAt);
  }
  if (receiptBytes > 0) {
    const lengthAt = receiptAt + record.write(receipt, receiptAt);
    record.writeUInt32BE(lengthAt - receiptAt, lengthAt);
  }
  return record;
}

function flagsOf({ qos, retain, pointToPoint, message, state }: Delivery): number {
  return (
    qos |
    (retain ? RETAIN : 0) |
    (pointToPoint ? POINT_TO_POINT : 0) |
    (message === undefined ? 0 : HAS_MESSAGE) |
    (state << STATE_SHIFT)
  );
}

/** @throws DamagedRecordError also when the message it refers to is. */
export function decodeDelivery(
  key: Uint8Array,
  record: Uint8Array,
  times: Times,
  find: FindPayload,
): Delivery {
  const sequence = sequenceOf(key);
  const bytes = sealedCopy(key, record, HEADER_BYTES, `delivery ${sequence}`);
  const flags = bytes[0] as number; // it has a header at least
  const payload = payloadIn(bytes);
  const qos = ((bytes[1] as number) & 3) as QoS; // the checksum vouches for what was written
  const shareEnd = bytes.length - receiptBytesIn(bytes);
  const shareBytes = shareBytesIn(bytes, shareEnd);
  const shareAt = shareEnd - shareBytes;
  const delivery = new Delivery(
    payload === 0
      ? messageInside(bytes, HEADER_BYTES, TOPIC_LENGTH_AT, shareAt, qos)
      : find(payload, qos),
    (flags & 3) as QoS,
    (flags & RETAIN) !== 0,
    (flags & POINT_TO_POINT) !== 0,
    times.toEngine(bytes.readDoubleBE(4)),
  );
  if ((flags & HAS_MESSAGE) === 0) delivery.message = undefined;
  delivery.packetId = bytes.readUInt16BE(2);
  delivery.state = ((flags >> STATE_SHIFT) & 3) as DeliveryState;
  delivery.sequence = sequence;
  delivery.storedPayload = payload;
  if (shareBytes > 0) {
    delivery.share = bytes.toString("utf8", shareAt, shareEnd - SHARE_LENGTH_BYTES);
  }
  if (shareEnd < bytes.length) {
    delivery.receipt = bytes.toString("utf8", shareEnd, bytes.length - RECEIPT_LENGTH_BYTES);
  }
  return delivery;
}

/** Bytes of the share with its length; 0: it came by none. */
function shareBytesIn(bytes: Buffer, end: number): number {
  if (((bytes[1] as number) & BY_SHARE) === 0) return 0;
  return bytes.readUInt16BE(end - SHARE_LENGTH_BYTES) + SHARE_LENGTH_BYTES;
}

/** Bytes of the address of a receipt with its length; 0: there is none. */
function receiptBytesIn(bytes: Buffer): number {
  if (((bytes[1] as number) & HAS_RECEIPT) === 0) return 0;
  return bytes.readUInt32BE(bytes.length - RECEIPT_LENGTH_BYTES) + RECEIPT_LENGTH_BYTES;
}

/**
 * The number of the payload that the record of a delivery refers to; 0 for none.
 *
 * @throws DamagedRecordError
 */
export function payloadOf(key: Uint8Array, record: Uint8Array): number {
  const bytes = asBuffer(record);
  sealedEnd(key, bytes, HEADER_BYTES, `delivery ${sequenceOf(key)}`);
  return payloadIn(bytes);
}

/** Topic Name (u16 length) | payload | checksum. */
export function encodePayload(message: Message): Buffer {
  const { topic, payload } = message;
  const record = Buffer.allocUnsafe(2 + topic.length + payload.length + CHECKSUM_BYTES);
  record.writeUInt16BE(topic.length, 0);
  record.set(topic, 2);
  record.set(payload, 2 + topic.length);
  return record;
}

/** @throws DamagedRecordError */
export function decodePayload(key: Uint8Array, record: Uint8Array, qos: QoS): Message {
  const bytes = sealedCopy(key, record, 2, `payload ${numberAt(key, 1, REFERENCE_BYTES)}`);
  return messageInside(bytes, 2, 0, bytes.length, qos);
}

/** How many deliveries refer to a payload: u32 | checksum. */
export function encodeReferences(count: number): Buffer {
  const record = Buffer.allocUnsafe(4 + CHECKSUM_BYTES);
  record.writeUInt32BE(count, 0);
  return record;
}

/** @throws DamagedRecordError */
export function decodeReferences(key: Uint8Array, record: Uint8Array): number {
  const what = `reference count ${numberAt(key, 1, REFERENCE_BYTES)}`;
  return sealedCopy(key, record, 4, what).readUInt32BE(0);
}

function payloadIn(bytes: Buffer): number {
  if (((bytes[0] as number) & REFERS) === 0) return 0;
  return bytes.readUIntBE(HEADER_BYTES, REFERENCE_BYTES);
}

function messageInside(
  bytes: Buffer,
  topicAt: number,
  lengthAt: number,
  end: number,
  qos: QoS,
): Message {
  const topicEnd = topicAt + bytes.readUInt16BE(lengthAt);
  const topicName = bytes.toString("utf8", topicAt, topicEnd);
  const topic = bytes.subarray(topicAt, topicEnd);
  return new Message(topicName, topic, bytes, topicEnd, end, qos);
}

/** The error of a delivery whose message is not there any more. */
export function payloadMissing(payload: number): DamagedRecordError {
  return new DamagedRecordError(`payload ${payload} is damaged: it is not there`);
}
