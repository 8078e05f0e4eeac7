import type { Backend } from "./backend.js";
import { deliveryKey, ownerKey, ownerOf, Table } from "./keys.js";
import { CHECKSUM_BYTES, DamagedRecordError, sealedCopy } from "./seal.js";

/**
 * Owners whose queues are counted in one record. More make a commit that touches a single queue
 * write more bytes, fewer make a message for a thousand owners write more records.
 */
export const QUEUES_PER_RECORD = 64;
const COUNT_BYTES = 4;

/** The key of the counts of 64 owners. */
export function queueKey(number: number): Uint8Array {
  return ownerKey(Table.QUEUE, number);
}

/** 64 counts, u32 | checksum. */
export function encodeQueues(counts: Uint32Array): Buffer {
  const record = Buffer.allocUnsafe(QUEUES_PER_RECORD * COUNT_BYTES + CHECKSUM_BYTES);
  for (let at = 0; at < QUEUES_PER_RECORD; at += 1) {
    record.writeUInt32BE(counts[at] as number, at * COUNT_BYTES); // one for each
  }
  return record;
}

/** @throws DamagedRecordError */
export function decodeQueues(key: Uint8Array, record: Uint8Array): Uint32Array {
  const what = `queue count ${ownerOf(key)}`;
  const bytes = sealedCopy(key, record, QUEUES_PER_RECORD * COUNT_BYTES, what);
  return Uint32Array.from({ length: QUEUES_PER_RECORD }, (_, at) =>
    bytes.readUInt32BE(at * COUNT_BYTES),
  );
}

/** The counts of 64 owners as they are on the medium; counted there if their record is damaged. */
export function readQueues(backend: Backend, number: number): Uint32Array {
  const key = queueKey(number);
  const record = backend.get(key);
  if (record === undefined) return new Uint32Array(QUEUES_PER_RECORD);
  try {
    return decodeQueues(key, record);
  } catch (error) {
    if (error instanceof DamagedRecordError) return recount(backend, number);
    throw error;
  }
}

function recount(backend: Backend, number: number): Uint32Array {
  const counts = new Uint32Array(QUEUES_PER_RECORD);
  const first = number * QUEUES_PER_RECORD;
  const from = deliveryKey(first, 0);
  const to = deliveryKey(first + QUEUES_PER_RECORD, 0);
  for (const { key } of backend.entries(from, to)) {
    const at = ownerOf(key) - first;
    counts[at] = (counts[at] as number) + 1; // the range ends with the last owner
  }
  return counts;
}
