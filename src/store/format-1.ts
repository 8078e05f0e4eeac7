import { Examination } from "./examination.js";
import type { Findings } from "./findings.js";
import { FORMAT_KEY } from "./format.js";
import { Table } from "./keys.js";
import { LmdbPages, type TakeEntry } from "./lmdb-pages.js";
import { encodeInbound } from "./records.js";
import { CHECKSUM_BYTES, seal, sealedEnd } from "./seal.js";

const NO_KEY = Buffer.alloc(0);

/**
 * Hands on every record of a store of format 1 as one of format 2: the same bytes, with a checksum
 * that covers the key. A damaged one is handed on with a checksum that is wrong. The format itself
 * is left out.
 */
export function walkFormat1(pages: LmdbPages, take: TakeEntry): void {
  pages.walk((key, value) => {
    if (!key.equals(FORMAT_KEY)) take(key, resealed(key, value));
  });
}

/** Looks at a store of format 1 as it will be in format 2. Queues were not counted then. */
export function examineFormat1(handle: number): Findings {
  const examination = new Examination();
  const pages = new LmdbPages(handle);
  walkFormat1(pages, examination.take);
  return { ...examination.finish(pages.problems), format: 1, queues: [] };
}

function resealed(key: Buffer, value: Buffer): Buffer {
  if (key[0] === Table.INBOUND) return seal(key, encodeInbound());
  const record = Buffer.from(value);
  if (isWhole(record)) return seal(key, record);
  if (record.length >= CHECKSUM_BYTES) seal(key, record);
  const last = record.length - 1;
  if (last >= 0) record[last] = (record[last] as number) ^ 0xff; // within
  return record;
}

function isWhole(record: Buffer): boolean {
  try {
    return sealedEnd(NO_KEY, record, 1, "") > 0;
  } catch {
    return false;
  }
}
