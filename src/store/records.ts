import type { InboxRecord, SessionRecord, WillRecord } from "../ports/store.js";
import type { QoS } from "../protocol/packet.js";
import { Message } from "../session/message.js";
import type { NumberedIdentifier } from "../session/numbering.js";
import { type Author, authorOf, RetainedMessage } from "../session/retained-message.js";
import type { SeenMessage } from "../session/seen.js";
import { asBuffer, ownerOf, packetIdOf } from "./keys.js";
import { CHECKSUM_BYTES, sealedCopy, sealedEnd } from "./seal.js";
import type { Times } from "./times.js";

// Every encoder leaves the last four bytes for the checksum, which `seal` writes.

/** In the first byte of a retained message, beside its QoS. */
const HAS_AUTHOR = 0x80;

/**
 * Flags and QoS | length of the Topic Name, u16 | Topic Name | payload: a retained message. With
 * `HAS_AUTHOR` its author stands behind: JSON | length of that, u32.
 */
export function encodeRetained(message: Message): Buffer {
  const { qos, topic, payload } = message;
  const author = authorOf(message);
  const text = author === undefined ? undefined : Buffer.from(JSON.stringify(author));
  const authorBytes = text === undefined ? 0 : text.length + 4;
  const payloadEnd = 3 + topic.length + payload.length;
  const record = Buffer.allocUnsafe(payloadEnd + authorBytes + CHECKSUM_BYTES);
  record[0] = text === undefined ? qos : qos | HAS_AUTHOR;
  record.writeUInt16BE(topic.length, 1);
  record.set(topic, 3);
  record.set(payload, 3 + topic.length);
  if (text !== undefined) {
    record.set(text, payloadEnd);
    record.writeUInt32BE(text.length, payloadEnd + text.length);
  }
  return record;
}

/**
 * @param authors - Those that were read before, by their texts: one object for all they have written.
 * @throws DamagedRecordError
 */
export function decodeRetained(
  key: Uint8Array,
  record: Uint8Array,
  authors: Map<string, Author> = new Map(),
): Message {
  const bytes = sealedCopy(key, record, 3, "retained message");
  const flags = bytes.readUInt8(0); // the checksum vouches for what was written
  const qos = (flags & ~HAS_AUTHOR) as QoS;
  const topicEnd = 3 + bytes.readUInt16BE(1);
  const topicName = bytes.toString("utf8", 3, topicEnd);
  const topic = bytes.subarray(3, topicEnd);
  if ((flags & HAS_AUTHOR) === 0) {
    return new Message(topicName, topic, bytes, topicEnd, bytes.length, qos);
  }
  const authorEnd = bytes.length - 4;
  const payloadEnd = authorEnd - bytes.readUInt32BE(authorEnd);
  const author = authorFrom(bytes.toString("utf8", payloadEnd, authorEnd), authors);
  return new RetainedMessage(author, topicName, topic, bytes, topicEnd, payloadEnd, qos);
}

function authorFrom(text: string, authors: Map<string, Author>): Author {
  let author = authors.get(text);
  if (author === undefined) {
    author = JSON.parse(text) as Author; // as encoded
    authors.set(text, author);
  }
  return author;
}

/** The rare records are JSON with a checksum: readable with any tool, and easy to extend. */
export function encodeJson(value: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const record = Buffer.allocUnsafe(text.length + CHECKSUM_BYTES);
  record.set(text);
  return record;
}

/** @throws DamagedRecordError */
export function decodeJson(key: Uint8Array, record: Uint8Array, what: string): unknown {
  const bytes = asBuffer(record);
  return JSON.parse(bytes.toString("utf8", 0, sealedEnd(key, bytes, 1, what)));
}

export function encodeSession(record: SessionRecord, times: Times): Buffer {
  const { clientId, username, offlineSinceMs, isBridge, isArriving, numberFloor } = record;
  const storedMs = times.toStored(offlineSinceMs);
  return encodeJson({
    clientId,
    username,
    offlineSinceMs: storedMs,
    ...(isBridge && { isBridge }),
    ...(isArriving && { isArriving }),
    ...(numberFloor && { numberFloor }),
  });
}

/** @throws DamagedRecordError */
export function decodeSession(key: Uint8Array, value: Uint8Array, times: Times): SessionRecord {
  const owner = ownerOf(key);
  const record = decodeJson(key, value, `session ${owner}`) as Omit<SessionRecord, "key">; // as encoded
  const { clientId, username, offlineSinceMs, isBridge, isArriving, numberFloor } = record;
  const engineMs = times.toEngine(offlineSinceMs);
  return {
    key: owner,
    clientId,
    username,
    offlineSinceMs: engineMs,
    ...(isBridge && { isBridge }),
    ...(isArriving && { isArriving }),
    ...(numberFloor && { numberFloor }),
  };
}

export function encodeInbox({ clientId }: InboxRecord): Buffer {
  return encodeJson({ clientId });
}

/** @throws DamagedRecordError */
export function decodeInbox(key: Uint8Array, record: Uint8Array): InboxRecord {
  const owner = ownerOf(key);
  const { clientId } = decodeJson(key, record, `inbox ${owner}`) as InboxRecord; // as encoded
  return { key: owner, clientId };
}

export function encodeSubscription(topicFilter: string, grantedQos: QoS): Buffer {
  return encodeJson([topicFilter, grantedQos]);
}

/** @throws DamagedRecordError */
export function decodeSubscription(key: Uint8Array, record: Uint8Array): readonly [string, QoS] {
  return decodeJson(key, record, `subscription of ${ownerOf(key)}`) as [string, QoS]; // as encoded
}

export function encodeWill({ will, key: _, ...record }: WillRecord): Buffer {
  const payload = Buffer.from(will.payload).toString("base64");
  return encodeJson({ ...record, will: { ...will, payload } });
}

/** @throws DamagedRecordError */
export function decodeWill(key: Uint8Array, value: Uint8Array): WillRecord {
  const owner = ownerOf(key);
  const { will, ...record } = decodeJson(key, value, `will ${owner}`) as WillRecord & {
    will: { payload: unknown };
  }; // as encoded
  const payload = Buffer.from(String(will.payload), "base64");
  return { ...record, key: owner, will: { ...will, payload } };
}

const NUMBER_BYTES = 8;
const RELEASED = 1;

/**
 * A QoS 2 identifier: its key says all. With a number that stands here, f64; with a 1 behind it that the identifier
 * was released. [M36]
 */
export function encodeInbound(number = 0, isReleased = false): Buffer {
  if (number === 0) return Buffer.allocUnsafe(CHECKSUM_BYTES);
  const record = Buffer.allocUnsafe(NUMBER_BYTES + 1 + CHECKSUM_BYTES);
  record.writeDoubleBE(number, 0);
  record[NUMBER_BYTES] = isReleased ? RELEASED : 0;
  return record;
}

/** @throws DamagedRecordError */
export function decodeInbound(key: Uint8Array, record: Uint8Array): NumberedIdentifier {
  const packetId = packetIdOf(key);
  const bytes = asBuffer(record);
  const end = sealedEnd(key, bytes, 0, `identifier ${packetId} of ${ownerOf(key)}`);
  if (end <= NUMBER_BYTES) return { packetId, number: 0, isReleased: false };
  const isReleased = bytes[NUMBER_BYTES] === RELEASED;
  return { packetId, number: bytes.readDoubleBE(0), isReleased };
}

const SEEN_BYTES = 2 + NUMBER_BYTES;

/** Length of the publisher's identifier, u16 | that | identifier u16 and number f64 of each message. [M36] */
export function encodeSeen(publisherId: string, all: readonly SeenMessage[]): Buffer {
  const name = Buffer.from(publisherId);
  let at = 2 + name.length;
  const record = Buffer.allocUnsafe(at + SEEN_BYTES * all.length + CHECKSUM_BYTES);
  record.writeUInt16BE(name.length, 0);
  record.set(name, 2);
  for (const { packetId, number } of all) {
    record.writeUInt16BE(packetId, at);
    record.writeDoubleBE(number, at + 2);
    at += SEEN_BYTES;
  }
  return record;
}

/** @throws DamagedRecordError */
export function decodeSeen(
  key: Uint8Array,
  record: Uint8Array,
): readonly [publisherId: string, all: readonly SeenMessage[]] {
  const bytes = asBuffer(record);
  const end = sealedEnd(key, bytes, 2, `messages that ${ownerOf(key)} has been given`);
  const nameEnd = 2 + bytes.readUInt16BE(0);
  const all: SeenMessage[] = [];
  for (let at = nameEnd; at + SEEN_BYTES <= end; at += SEEN_BYTES) {
    all.push({ packetId: bytes.readUInt16BE(at), number: bytes.readDoubleBE(at + 2) });
  }
  return [bytes.toString("utf8", 2, nameEnd), all];
}

/** @throws DamagedRecordError */
export function checkInbound(key: Uint8Array, record: Uint8Array): void {
  sealedEnd(key, asBuffer(record), 0, `identifier ${packetIdOf(key)} of ${ownerOf(key)}`);
}
