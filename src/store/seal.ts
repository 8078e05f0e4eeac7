import { crc32 } from "./checksum.js";

/** A record whose bytes are not what was written. The message says which one and what is wrong. */
export class DamagedRecordError extends Error {
  override readonly name = "DamagedRecordError";
}

/** Every record ends with this many bytes of checksum, over its key and all before them. */
export const CHECKSUM_BYTES = 4;

/**
 * Writes the checksum of a key and a record into the record's last four bytes. The key is part of
 * it: a record that turns up under another key is as damaged as one with other bytes.
 *
 * @returns the same record.
 */
export function seal(key: Uint8Array, record: Buffer): Buffer {
  const end = record.length - CHECKSUM_BYTES;
  record.writeUInt32BE(checksum(key, record, end), end);
  return record;
}

/**
 * Where a record ends and its checksum, which is right, begins.
 *
 * @param what - Its name for people.
 * @throws DamagedRecordError
 */
export function sealedEnd(
  key: Uint8Array,
  record: Buffer,
  leastBytes: number,
  what: string,
): number {
  const end = record.length - CHECKSUM_BYTES;
  if (end < leastBytes) {
    throw new DamagedRecordError(`${what} is damaged: it has only ${record.length} bytes`);
  }
  const expected = record.readUInt32BE(end);
  const found = checksum(key, record, end);
  if (found !== expected) {
    throw new DamagedRecordError(
      `${what} is damaged: its checksum is ${expected.toString(16)}, its bytes have ${found.toString(16)}`,
    );
  }
  return end;
}

/**
 * A copy of the record without its checksum: what a medium hands out may be a view that dies.
 *
 * @throws DamagedRecordError
 */
export function sealedCopy(
  key: Uint8Array,
  record: Uint8Array,
  leastBytes: number,
  what: string,
): Buffer {
  const bytes = Buffer.from(record);
  return bytes.subarray(0, sealedEnd(key, bytes, leastBytes, what));
}

function checksum(key: Uint8Array, record: Uint8Array, end: number): number {
  return crc32(record, 0, end, crc32(key, 0, key.length));
}
