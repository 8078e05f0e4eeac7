import { readFileSync, readSync } from "node:fs";
import { numberAt, PAGE_FLAGS_AT, PageFlag } from "./lmdb-node.js";

/** Within a meta page of LMDB (64 bit, data version 2). */
const MAGIC_AT = 24;
const MAGIC = 0xbeefc0de;
const VERSION_AT = 28;
const VERSION = 2;
const PAGE_SIZE_AT = 48;
const FLAGS_AT = 52;
const FREE_AT = 48;
const MAIN_AT = 96;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const BOOT_AT = 160;
const META_BYTES = 168;
/** The library tells by this flag that a transaction may be visible before it is on the disk. */
const OVERLAPPING_SYNC = 0x1000;
const SMALLEST_PAGE = 512;
const LARGEST_PAGE = 65_536;
const USUAL_PAGE = 4_096;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** One tree of pages: what the meta page says about it. */
export interface Tree {
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  /** -1: it is empty. */
  readonly root: number;
}

/** How LMDB's file begins: one of the two pages that take turns. */
export interface Meta {
  readonly pageBytes: number;
  readonly flags: number;
  readonly free: Tree;
  readonly main: Tree;
  readonly lastPage: number;
  readonly transaction: number;
  readonly boot: bigint;
}

/**
 * The meta page that LMDB will choose when it opens a file.
 *
 * @param tell - Takes what is wrong.
 */
export function readMeta(handle: number, tell: (problem: string) => void): Meta | undefined {
  const first = metaAt(handle, 0);
  const pageBytes = first?.pageBytes ?? USUAL_PAGE;
  const second = metaAt(handle, pageBytes);
  if (first === undefined || second === undefined) {
    tell("it does not begin as a store does");
    return undefined;
  }
  if (Math.abs(second.transaction - first.transaction) > 1 || isOutOfOrder(first, second)) {
    tell("its two beginnings do not belong together");
  }
  const newest = second.transaction > first.transaction ? second : first;
  if (newest.boot === bootNow() || (newest.flags & OVERLAPPING_SYNC) === 0) return newest;
  // After a reboot what was not on the disk yet does not count: the synced one is copied there.
  const synced = metaAt(handle, pageBytes / 2, true);
  return synced !== undefined && synced.transaction < newest.transaction ? synced : newest;
}

/** @param isCopy - Has neither the magic number nor the version. */
function metaAt(handle: number, position: number, isCopy = false): Meta | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(handle, bytes, 0, META_BYTES, position) < META_BYTES) return undefined;
  if (!isCopy && !isMarked(bytes)) return undefined;
  const pageBytes = bytes.readUInt32LE(PAGE_SIZE_AT);
  const isSize = pageBytes >= SMALLEST_PAGE && pageBytes <= LARGEST_PAGE;
  if (!isSize || (pageBytes & (pageBytes - 1)) !== 0) return undefined;
  return {
    pageBytes,
    flags: bytes.readUInt16LE(FLAGS_AT),
    free: treeAt(bytes, FREE_AT),
    main: treeAt(bytes, MAIN_AT),
    lastPage: numberAt(bytes, LAST_PAGE_AT),
    transaction: numberAt(bytes, TRANSACTION_AT),
    boot: bytes.readBigUInt64LE(BOOT_AT),
  };
}

function isMarked(bytes: Buffer): boolean {
  return (
    bytes.readUInt32LE(MAGIC_AT) === MAGIC &&
    (bytes.readUInt32LE(VERSION_AT) & 0xffff) === VERSION &&
    bytes.readUInt16LE(PAGE_FLAGS_AT) === PageFlag.META
  );
}

/** Odd transactions are written to the second page, even ones to the first. */
function isOutOfOrder(first: Meta, second: Meta): boolean {
  if (first.transaction === 0 && second.transaction === 0) return false; // nothing was written yet
  return first.transaction % 2 !== 0 || second.transaction % 2 === 0;
}

function treeAt(bytes: Buffer, at: number): Tree {
  return {
    depth: bytes.readUInt16LE(at + 6),
    branchPages: numberAt(bytes, at + 8),
    leafPages: numberAt(bytes, at + 16),
    overflowPages: numberAt(bytes, at + 24),
    entries: numberAt(bytes, at + 32),
    root: bytes.readBigUInt64LE(at + 40) === NO_PAGE ? -1 : numberAt(bytes, at + 40),
  };
}

/** As the library reads it: the first group of the identifier. 0: there is none. */
function bootNow(): bigint {
  try {
    const text = readFileSync("/proc/sys/kernel/random/boot_id", "latin1");
    return BigInt(`0x${text.slice(0, text.indexOf("-"))}`);
  } catch {
    return 0n;
  }
}
