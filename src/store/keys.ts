import { createHash } from "node:crypto";

/** The first byte of a key says what is kept under it. */
export const Table = {
  META: 0x6d, // m
  SESSION: 0x73, // s
  INBOX: 0x78, // x
  SUBSCRIPTION: 0x66, // f
  DELIVERY: 0x64, // d
  INBOUND: 0x69, // i
  RETAINED: 0x72, // r
  WILL: 0x77, // w
  /** Large messages, kept once for all their receivers. */
  PAYLOAD: 0x70, // p
  /** How many deliveries refer to each of them. */
  REFERENCES: 0x6e, // n
  /** How many deliveries each owner has, many owners to a record. */
  QUEUE: 0x71, // q
} as const;
export type Table = (typeof Table)[keyof typeof Table];

/** Names up to this many bytes are part of a key as they are. LMDB's keys end at 511 bytes. */
const NAME_BYTES_MAX = 480;
/** Stands before a name that was hashed: no UTF-8 text starts with it. */
const HASHED = 0xff;
const OWNER_BYTES = 6;
const SEQUENCE_BYTES = 6;

/** The key of what has a number of its own: a Session, an inbox, a Will, a payload. */
export function ownerKey(table: Table, owner: number): Uint8Array {
  const key = Buffer.allocUnsafe(1 + OWNER_BYTES);
  key[0] = table;
  key.writeUIntBE(owner, 1, OWNER_BYTES);
  return key;
}

/** The key of a delivery; keys of one owner are in the order of sequences. */
export function deliveryKey(owner: number, sequence: number): Uint8Array {
  const key = Buffer.allocUnsafe(1 + OWNER_BYTES + SEQUENCE_BYTES);
  key[0] = Table.DELIVERY;
  key.writeUIntBE(owner, 1, OWNER_BYTES);
  key.writeUIntBE(sequence, 1 + OWNER_BYTES, SEQUENCE_BYTES);
  return key;
}

/** The key of a QoS 2 identifier that waits for its PUBREL. */
export function inboundKey(owner: number, packetId: number): Uint8Array {
  const key = Buffer.allocUnsafe(1 + OWNER_BYTES + 2);
  key[0] = Table.INBOUND;
  key.writeUIntBE(owner, 1, OWNER_BYTES);
  key.writeUInt16BE(packetId, 1 + OWNER_BYTES);
  return key;
}

/** Under what is no identifier: numbers up to which everything is over; behind that publishers. [M36] */
export const NO_IDENTIFIER = 0;

/** The key of the messages of one publisher that a Session has been given. Long identifiers are hashed. */
export function seenKey(owner: number, publisherId: string): Uint8Array {
  return Buffer.concat([inboundKey(owner, NO_IDENTIFIER), nameBytes(publisherId)]);
}

/** Whether a key of the table of identifiers is a {@link seenKey}. */
export function isSeenKey(key: Uint8Array): boolean {
  return key.length > 1 + OWNER_BYTES + 2;
}

/** The key of a Subscription. Long filters are hashed: their text stands in the value too. [C13] */
export function subscriptionKey(owner: number, topicFilter: string): Uint8Array {
  return Buffer.concat([ownerKey(Table.SUBSCRIPTION, owner), nameBytes(topicFilter)]);
}

/** The key of a retained message. Long names are hashed: their text stands in the value too. */
export function retainedKey(topicName: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(Table.RETAINED), nameBytes(topicName)]);
}

export function metaKey(name: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(Table.META), Buffer.from(name)]);
}

/** The range of all keys of a table, or of one owner in it. `to` is not part of it. */
export function tableRange(table: Table, owner?: number): { from: Uint8Array; to: Uint8Array } {
  if (owner === undefined) return { from: Uint8Array.of(table), to: Uint8Array.of(table + 1) };
  return { from: ownerKey(table, owner), to: ownerKey(table, owner + 1) };
}

/** The owner in a key that has one. */
export function ownerOf(key: Uint8Array): number {
  return numberAt(key, 1, OWNER_BYTES);
}

/** The sequence in the key of a delivery. */
export function sequenceOf(key: Uint8Array): number {
  return numberAt(key, 1 + OWNER_BYTES, SEQUENCE_BYTES);
}

/** The Packet Identifier in the key of an inbound record. */
export function packetIdOf(key: Uint8Array): number {
  return numberAt(key, 1 + OWNER_BYTES, 2);
}

/** The same bytes with Node's way to read numbers. */
export function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A whole number of that many bytes, the highest first; missing ones count as 0. */
export function numberAt(bytes: Uint8Array, at: number, byteCount: number): number {
  let number = 0;
  for (let end = at + byteCount; at < end; at += 1) number = number * 256 + (bytes[at] ?? 0);
  return number;
}

function nameBytes(name: string): Uint8Array {
  const bytes = Buffer.from(name);
  if (bytes.length <= NAME_BYTES_MAX) return bytes;
  return Buffer.concat([Uint8Array.of(HASHED), createHash("sha256").update(bytes).digest()]);
}
