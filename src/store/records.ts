import type { InboxRecord, SessionRecord, WillRecord } from "../ports/store.js";
import type { QoS } from "../protocol/packet.js";
import { Message } from "../session/message.js";
import { asBuffer, ownerOf, packetIdOf } from "./keys.js";
import { CHECKSUM_BYTES, sealedCopy, sealedEnd } from "./seal.js";
import type { Times } from "./times.js";

// Every encoder leaves the last four bytes for the checksum, which `seal` writes.

/** QoS | length of the Topic Name, u16 | Topic Name | payload: a retained message. */
export function encodeRetained({ qos, topic, payload }: Message): Buffer {
  const record = Buffer.allocUnsafe(3 + topic.length + payload.length + CHECKSUM_BYTES);
  record[0] = qos;
  record.writeUInt16BE(topic.length, 1);
  record.set(topic, 3);
  record.set(payload, 3 + topic.length);
  return record;
}

/** @throws DamagedRecordError */
export function decodeRetained(key: Uint8Array, record: Uint8Array): Message {
  const bytes = sealedCopy(key, record, 3, "retained message");
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
export function decodeSession(key: Uint8Array, value: Uint8Array, times: Times): SessionRecord {
  const owner = ownerOf(key);
  const record = decodeJson(key, value, `session ${owner}`) as Omit<SessionRecord, "key">; // as encoded
  const { clientId, username, offlineSinceMs, isBridge } = record;
  const engineMs = times.toEngine(offlineSinceMs);
  return {
    key: owner,
    clientId,
    username,
    offlineSinceMs: engineMs,
    ...(isBridge && { isBridge }),
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

export function encodeWill({ will, clientId, username, senderIsDurable }: WillRecord): Buffer {
  const payload = Buffer.from(will.payload).toString("base64");
  return encodeJson({ clientId, username, senderIsDurable, will: { ...will, payload } });
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

/** A QoS 2 identifier: its key says all. */
export function encodeInbound(): Buffer {
  return Buffer.allocUnsafe(CHECKSUM_BYTES);
}

/** @throws DamagedRecordError */
export function checkInbound(key: Uint8Array, record: Uint8Array): void {
  sealedEnd(key, asBuffer(record), 0, `identifier ${packetIdOf(key)} of ${ownerOf(key)}`);
}
