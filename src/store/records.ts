import type { InboxRecord, SessionRecord, WillRecord } from "../ports/store.js";
import type { QoS } from "../protocol/packet.js";
import { Delivery, type DeliveryState } from "../session/delivery.js";
import { Message } from "../session/message.js";
import { crc32 } from "./checksum.js";
import { asBuffer } from "./keys.js";

/** A record whose bytes are not what was written. The message says which one and what is wrong. */
export class DamagedRecordError extends Error {
  override readonly name = "DamagedRecordError";
}

const CHECKSUM_BYTES = 4;

/**
 * Between the engine's monotonic time and the time of day, which outlives a run.
 *
 * @param originMs - The time of day when the engine's time was 0. It never changes while running,
 *   so that a clock that is set does not age anything. [J10]
 */
export class Times {
  readonly #originMs: number;

  constructor(originMs: number) {
    this.#originMs = originMs;
  }

  /** 0 stands for "never" or "not" on both sides. */
  toStored(engineMs: number): number {
    return engineMs === 0 ? 0 : this.#originMs + engineMs;
  }

  toEngine(storedMs: number): number {
    return storedMs === 0 ? 0 : storedMs - this.#originMs;
  }
}

const RETAIN = 1 << 2;
const POINT_TO_POINT = 1 << 3;
const HAS_MESSAGE = 1 << 4;
const STATE_SHIFT = 5;
const SHARED = 1 << 7;
/** Behind the Topic Filter of a share: its length. */
const SHARE_LENGTH_BYTES = 2;
/** flags, message QoS, Packet Identifier, expiry, length of the Topic Name. */
const DELIVERY_HEADER_BYTES = 1 + 1 + 2 + 8 + 2;

/**
 *     flags (qos 2 bits, retain, point-to-point, has message, state 2 bits, shared) | message QoS |
 *     Packet Identifier u16 | expires f64, ms | Topic Name (u16 length) | payload |
 *     only when shared: filter of the share, its length u16 | CRC-32
 */
export function encodeDelivery(delivery: Delivery, times: Times): Uint8Array {
  const { message } = delivery;
  const topicBytes = message === undefined ? 0 : message.topic.length;
  const payloadBytes = message === undefined ? 0 : message.payloadEnd - message.payloadAt;
  const shareAt = DELIVERY_HEADER_BYTES + topicBytes + payloadBytes;
  const shareBytes = delivery.share === "" ? 0 : Buffer.byteLength(delivery.share);
  const end = shareAt + (shareBytes === 0 ? 0 : shareBytes + SHARE_LENGTH_BYTES);
  const value = Buffer.allocUnsafe(end + CHECKSUM_BYTES);
  value[0] =
    delivery.qos |
    (delivery.retain ? RETAIN : 0) |
    (delivery.pointToPoint ? POINT_TO_POINT : 0) |
    (message === undefined ? 0 : HAS_MESSAGE) |
    (delivery.state << STATE_SHIFT) |
    (shareBytes === 0 ? 0 : SHARED);
  value[1] = message === undefined ? 0 : message.qos;
  value.writeUInt16BE(delivery.packetId, 2);
  value.writeDoubleBE(times.toStored(delivery.expiresMs), 4);
  value.writeUInt16BE(topicBytes, 12);
  if (message !== undefined) {
    value.set(message.topic, DELIVERY_HEADER_BYTES);
    value.set(message.payload, DELIVERY_HEADER_BYTES + topicBytes);
  }
  if (shareBytes > 0) {
    value.write(delivery.share, shareAt);
    value.writeUInt16BE(shareBytes, shareAt + shareBytes);
  }
  return sealed(value, end);
}

/** @throws DamagedRecordError */
export function decodeDelivery(value: Uint8Array, sequence: number, times: Times): Delivery {
  const bytes = checkedCopy(value, DELIVERY_HEADER_BYTES, `delivery ${sequence}`);
  const flags = bytes[0] as number; // checked() found at least a header
  const topicEnd = DELIVERY_HEADER_BYTES + bytes.readUInt16BE(12);
  const shareEnd = bytes.length - ((flags & SHARED) === 0 ? 0 : SHARE_LENGTH_BYTES);
  const shareAt = shareEnd - (shareEnd === bytes.length ? 0 : bytes.readUInt16BE(shareEnd));
  const message = new Message(
    bytes.toString("utf8", DELIVERY_HEADER_BYTES, topicEnd),
    bytes.subarray(DELIVERY_HEADER_BYTES, topicEnd),
    bytes,
    topicEnd,
    shareAt,
    bytes[1] as QoS, // the checksum vouches for what was written
  );
  const delivery = new Delivery(
    message,
    (flags & 3) as QoS,
    (flags & RETAIN) !== 0,
    (flags & POINT_TO_POINT) !== 0,
    times.toEngine(bytes.readDoubleBE(4)),
  );
  if ((flags & HAS_MESSAGE) === 0) delivery.message = undefined;
  delivery.packetId = bytes.readUInt16BE(2);
  delivery.state = ((flags >> STATE_SHIFT) & 3) as DeliveryState;
  delivery.sequence = sequence;
  if (shareAt < shareEnd) delivery.share = bytes.toString("utf8", shareAt, shareEnd);
  delivery.isStored = true;
  return delivery;
}

/** QoS | RETAIN << 2, then Topic Name and payload: a retained message. */
export function encodeRetained({ qos, topic, payload }: Message): Uint8Array {
  const end = 3 + topic.length + payload.length;
  const value = Buffer.allocUnsafe(end + CHECKSUM_BYTES);
  value[0] = qos;
  value.writeUInt16BE(topic.length, 1);
  value.set(topic, 3);
  value.set(payload, 3 + topic.length);
  return sealed(value, end);
}

/** @throws DamagedRecordError */
export function decodeRetained(value: Uint8Array): Message {
  const bytes = checkedCopy(value, 3, "retained message");
  const topicEnd = 3 + bytes.readUInt16BE(1);
  return new Message(
    bytes.toString("utf8", 3, topicEnd),
    bytes.subarray(3, topicEnd),
    bytes,
    topicEnd,
    bytes.length,
    bytes[0] as QoS, // the checksum vouches for what was written
  );
}

/** The rare records are JSON with a checksum: readable with any tool, and easy to extend. */
export function encodeJson(value: unknown): Uint8Array {
  const text = Buffer.from(JSON.stringify(value));
  const bytes = Buffer.allocUnsafe(text.length + CHECKSUM_BYTES);
  bytes.set(text);
  return sealed(bytes, text.length);
}

/** @throws DamagedRecordError */
export function decodeJson(value: Uint8Array, what: string): unknown {
  const bytes = asBuffer(value);
  return JSON.parse(bytes.toString("utf8", 0, checkedEnd(bytes, 1, what)));
}

export function encodeSession(record: SessionRecord, times: Times): Uint8Array {
  const { clientId, username, offlineSinceMs, isBridge } = record;
  const storedMs = times.toStored(offlineSinceMs);
  return encodeJson({
    clientId,
    username,
    offlineSinceMs: storedMs,
    ...(isBridge && { isBridge }),
  });
}

/** @throws DamagedRecordError */
export function decodeSession(value: Uint8Array, key: number, times: Times): SessionRecord {
  const record = decodeJson(value, `session ${key}`) as Omit<SessionRecord, "key">; // as encoded
  const { clientId, username, offlineSinceMs, isBridge } = record;
  const engineMs = times.toEngine(offlineSinceMs);
  return { key, clientId, username, offlineSinceMs: engineMs, ...(isBridge && { isBridge }) };
}

export function encodeInbox({ clientId }: InboxRecord): Uint8Array {
  return encodeJson({ clientId });
}

/** @throws DamagedRecordError */
export function decodeInbox(value: Uint8Array, key: number): InboxRecord {
  const { clientId } = decodeJson(value, `inbox ${key}`) as InboxRecord; // as encoded
  return { key, clientId };
}

export function encodeSubscription(topicFilter: string, grantedQos: QoS): Uint8Array {
  return encodeJson([topicFilter, grantedQos]);
}

/** @throws DamagedRecordError */
export function decodeSubscription(value: Uint8Array): readonly [string, QoS] {
  return decodeJson(value, "subscription") as [string, QoS]; // as encoded
}

export function encodeWill({ will, clientId, username, senderIsDurable }: WillRecord): Uint8Array {
  const payload = Buffer.from(will.payload).toString("base64");
  return encodeJson({ clientId, username, senderIsDurable, will: { ...will, payload } });
}

/** @throws DamagedRecordError */
export function decodeWill(value: Uint8Array, key: number): WillRecord {
  const { will, ...record } = decodeJson(value, `will ${key}`) as WillRecord & {
    will: { payload: unknown };
  }; // as encoded
  const payload = Buffer.from(String(will.payload), "base64");
  return { ...record, key, will: { ...will, payload } };
}

/** An inbound record and other presences: the key says all. */
export const PRESENT: Uint8Array = Uint8Array.of(1);

function sealed(value: Buffer, end: number): Uint8Array {
  value.writeUInt32BE(crc32(value, 0, end), end);
  return value;
}

/** A copy of the record without its checksum: the value may be a view that dies. */
function checkedCopy(value: Uint8Array, leastBytes: number, what: string): Buffer {
  const bytes = Buffer.from(value);
  return bytes.subarray(0, checkedEnd(bytes, leastBytes, what));
}

/** Where the record ends and its checksum, which is right, begins. */
function checkedEnd(bytes: Buffer, leastBytes: number, what: string): number {
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < leastBytes) {
    throw new DamagedRecordError(`${what} is damaged: it has only ${bytes.length} bytes`);
  }
  const expected = bytes.readUInt32BE(end);
  const found = crc32(bytes, 0, end);
  if (found !== expected) {
    throw new DamagedRecordError(
      `${what} is damaged: its checksum is ${expected.toString(16)}, its bytes have ${found.toString(16)}`,
    );
  }
  return end;
}
