import { spawnSync } from "node:child_process";
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { StoreError } from "./store-error.js";

/** The file in a store's folder that holds everything. */
export const DATA_FILE = "data.mdb";

/** Where a meta page of LMDB 0.9 (64 bit) keeps what is looked at here, and what must be there. */
const MAGIC_AT = 24;
const MAGIC = 0xbeefc0de;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const META_BYTES = 160;
const SMALLEST_PAGE = 512;
const CHECK_TIMEOUT_MS = 120_000;

interface Meta {
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly transaction: bigint;
}

/**
 * Looks whether LMDB can read the data file of a folder: a file that is cut short would otherwise
 * end the process by a signal when a missing page is touched. [J07]
 *
 * @throws StoreError naming the file and what is wrong with it.
 */
export function checkDataFile(folder: string): void {
  const file = join(folder, DATA_FILE);
  if (!existsSync(file)) return;
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    if (size === 0) return; // made, and not yet written: as good as none
    const first = metaAt(handle, 0);
    const second = metaAt(handle, first?.pageBytes ?? 4096);
    const newest =
      first !== undefined && second !== undefined && second.transaction > first.transaction
        ? second
        : (first ?? second);
    if (newest === undefined) throw damaged(file, "it does not begin as a store does");
    // The last pages may be missing without harm when they are free: only reading all can tell.
    if (size < (newest.lastPage + 1) * newest.pageBytes) checkByReading(folder, file);
  } finally {
    closeSync(handle);
  }
}

/** An error that says which file is damaged, why, and the two ways on. */
export function damaged(file: string, why: string): StoreError {
  return new StoreError(
    `the store file ${file} is damaged: ${why}. Put back a copy of the folder, or start with ` +
      "--move-damaged-store, which keeps it aside and begins with an empty store",
    "damaged",
  );
}

function metaAt(handle: number, position: number): Meta | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(handle, bytes, 0, META_BYTES, position) < META_BYTES) return undefined;
  const pageBytes = bytes.readUInt32LE(PAGE_SIZE_AT);
  if (bytes.readUInt32LE(MAGIC_AT) !== MAGIC || pageBytes < SMALLEST_PAGE) return undefined;
  const lastPage = Number(bytes.readBigUInt64LE(LAST_PAGE_AT));
  return { pageBytes, lastPage, transaction: bytes.readBigUInt64LE(TRANSACTION_AT) };
}

/**
 * Run by another process: reads every record and counts, so that this one lives if a missing page
 * is touched. A page cut in the middle reads as zeros, and ends the walk early.
 */
const READ_ALL = `
  const { open } = require(process.argv[1]);
  const binary = { keyEncoding: "binary", encoding: "binary" };
  const database = open({ path: process.argv[2], noSubdir: false, readOnly: true, ...binary });
  let count = 0;
  for (const entry of database.getRange({ start: Buffer.of(1) })) if (entry) count += 1;
  process.exit(count === database.getStats().entryCount ? 0 : 1);
`;

function checkByReading(folder: string, file: string): void {
  const lmdb = createRequire(import.meta.url).resolve("lmdb");
  const { status, signal } = spawnSync(process.execPath, ["-e", READ_ALL, lmdb, folder], {
    timeout: CHECK_TIMEOUT_MS,
  });
  if (status !== 0) throw damaged(file, `it is cut short (${signal ?? "records are missing"})`);
}
