import { fstatSync, readFileSync, readSync } from "node:fs";

/** Where the pages of LMDB's data file (64 bit, data version 2) keep what. */
const PAGE_HEADER_BYTES = 24;
const TRANSACTION_AT = 8;
const FLAGS_AT = 18;
const LOWER_AT = 20;
const UPPER_AT = 22;
const OVERFLOW_PAGES_AT = 20;
const PageFlag = { BRANCH: 1, LEAF: 2, OVERFLOW: 4, META: 8 } as const;
const NODE_HEADER_BYTES = 8;
/** Its value has pages of its own. */
const NODE_BIG = 1;
/** What stands for it then: the first page, its transaction, how many pages. */
const BIG_BYTES = 24;
const DEPTH_MAX = 32;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/** Within a meta page. */
const MAGIC_AT = 24;
const MAGIC = 0xbeefc0de;
const VERSION_AT = 28;
const VERSION = 2;
const PAGE_SIZE_AT = 48;
const META_FLAGS_AT = 52;
const FREE_AT = 48;
const MAIN_AT = 96;
const LAST_PAGE_AT = 144;
const META_TRANSACTION_AT = 152;
const BOOT_AT = 160;
const META_BYTES = 168;
/** The library tells by this flag that a transaction may be visible before it is on the disk. */
const OVERLAPPING_SYNC = 0x1000;
const SMALLEST_PAGE = 512;
const LARGEST_PAGE = 65_536;

/** One tree of pages: what the meta page says about it. */
interface Tree {
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly entries: number;
  /** -1: it is empty. */
  readonly root: number;
}

interface Meta {
  readonly pageBytes: number;
  readonly flags: number;
  readonly free: Tree;
  readonly main: Tree;
  readonly lastPage: number;
  readonly transaction: number;
  readonly boot: bigint;
}

/**
 * Takes one key and its value. The bytes are views that die with the call; `value` may be another
 * buffer than `page`.
 */
export type TakeEntry = (key: Buffer, value: Buffer) => void;

/** Whether nobody asks what is kept from `least` up to `before`. */
export type SkipsRange = (least: Buffer | undefined, before: Buffer | undefined) => boolean;

/** More problems than this are only one more line. */
const PROBLEMS_MAX = 100;

interface Walk {
  readonly meta: Meta;
  readonly tree: Tree;
  readonly take: TakeEntry;
  readonly isFree: boolean;
  branchPages: number;
  leafPages: number;
  overflowPages: number;
  entries: number;
  /** Pages were not looked at: what was counted is not all. */
  hasSkipped: boolean;
}

/**
 * Reads LMDB's data file page by page without the library, which maps the file and trusts it: a
 * page that is cut off, or says something impossible, would end the process by a signal. Here every
 * number is looked at before it is used, so that a damaged file is a list of problems. [J06] [J07]
 *
 * Memory: a bit for each page, and one page for each level of the tree.
 */
export class LmdbPages {
  /** What is wrong, a sentence each; the walk goes on where it can. */
  readonly problems: string[] = [];
  readonly #skips: SkipsRange | undefined;
  readonly #handle: number;
  readonly #size: number;
  readonly #meta: Meta | undefined;
  /** A bit for each page that was met. */
  #met = new Uint8Array(0);
  readonly #pages: Buffer[] = [];
  #big = Buffer.alloc(0);

  /**
   * @param handle - The data file, open for reading; it stays open.
   * @param skips - Which ranges need not be looked at: their last pages are not read.
   */
  constructor(handle: number, skips?: SkipsRange) {
    this.#handle = handle;
    this.#skips = skips;
    this.#size = fstatSync(handle).size;
    this.#meta = this.#readMeta();
  }

  /** The transaction that is read; 0 when the file does not begin as a store does. */
  get transaction(): number {
    return this.#meta?.transaction ?? 0;
  }

  /** Walks over every key in order, then over the list of free pages. Once. */
  walk(take: TakeEntry): void {
    const meta = this.#meta;
    if (meta === undefined) return;
    this.#met = new Uint8Array((meta.lastPage >> 3) + 1);
    this.#mark(0, "meta");
    this.#mark(1, "meta");
    this.#walkTree(meta, meta.main, false, take);
    this.#walkTree(meta, meta.free, true, (_, value) => this.#takeFree(meta, value));
  }

  /** The meta page that the library will choose. */
  #readMeta(): Meta | undefined {
    const first = this.#metaAt(0);
    const pageBytes = first?.pageBytes ?? 4096;
    const second = this.#metaAt(pageBytes);
    if (first === undefined || second === undefined) {
      this.#tell("it does not begin as a store does");
      return undefined;
    }
    const newest = second.transaction > first.transaction ? second : first;
    const synced = this.#metaAt(pageBytes / 2, true);
    if (Math.abs(second.transaction - first.transaction) > 1 || isOutOfOrder(first, second)) {
      this.#tell("its two beginnings do not belong together");
    }
    if (newest.boot === bootNow() || (newest.flags & OVERLAPPING_SYNC) === 0) return newest;
    if (synced === undefined || synced.transaction > newest.transaction) return newest;
    return synced.transaction === newest.transaction ? newest : synced;
  }

  /** @param isCopy - Has neither the magic number nor the version. */
  #metaAt(position: number, isCopy = false): Meta | undefined {
    const bytes = Buffer.alloc(META_BYTES);
    if (readSync(this.#handle, bytes, 0, META_BYTES, position) < META_BYTES) return undefined;
    if (!isCopy && bytes.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined;
    if (!isCopy && (bytes.readUInt32LE(VERSION_AT) & 0xffff) !== VERSION) return undefined;
    if (!isCopy && bytes.readUInt16LE(FLAGS_AT) !== PageFlag.META) return undefined;
    const pageBytes = bytes.readUInt32LE(PAGE_SIZE_AT);
    const isSize = pageBytes >= SMALLEST_PAGE && pageBytes <= LARGEST_PAGE;
    if (!isSize || (pageBytes & (pageBytes - 1)) !== 0) return undefined;
    return {
      pageBytes,
      flags: bytes.readUInt16LE(META_FLAGS_AT),
      free: treeAt(bytes, FREE_AT),
      main: treeAt(bytes, MAIN_AT),
      lastPage: numberAt(bytes, LAST_PAGE_AT),
      transaction: numberAt(bytes, META_TRANSACTION_AT),
      boot: bytes.readBigUInt64LE(BOOT_AT),
    };
  }

  #walkTree(meta: Meta, tree: Tree, isFree: boolean, take: TakeEntry): void {
    const counts = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
    const walk: Walk = { meta, tree, take, isFree, hasSkipped: false, ...counts };
    const before = this.problems.length;
    if (tree.root >= 0) this.#walkPage(walk, tree.root, 1, undefined, undefined);
    if (this.problems.length > before || walk.hasSkipped) return;
    for (const name of ["entries", "branchPages", "leafPages", "overflowPages"] as const) {
      if (walk[name] === tree[name]) continue;
      const what = isFree ? `free list: ${name}` : name;
      this.#tell(`${what}: ${walk[name]} are there, ${tree[name]} should be`);
    }
  }

  /** @param least, before - What its parent says: keys from `least` up to, not including, `before`. */
  #walkPage(
    walk: Walk,
    number: number,
    depth: number,
    least: Buffer | undefined,
    before: Buffer | undefined,
  ): void {
    const page = this.#read(walk, number, depth);
    if (page === undefined) return;
    const count = page.readUInt16LE(LOWER_AT) >> 1;
    const isLeaf = page.readUInt16LE(FLAGS_AT) === PageFlag.LEAF;
    if (isLeaf) walk.leafPages += 1;
    else walk.branchPages += 1;
    if (isLeaf !== (depth === walk.tree.depth)) {
      this.#broken(number, "is at another depth than the others");
      return;
    }
    const nodes = this.#nodesOf(walk, page, number, count, isLeaf, least, before);
    if (nodes === undefined) return;
    if (isLeaf) {
      for (const at of nodes) this.#takeLeaf(walk, page, number, at);
      return;
    }
    for (let index = 0; index < count; index += 1) {
      const at = nodes[index] as number; // one for each
      const next = nodes[index + 1];
      const child = page.readUInt32LE(at) + page.readUInt16LE(at + 4) * 2 ** 32;
      const childLeast = index === 0 ? least : keyAt(page, at);
      const childBefore = next === undefined ? before : keyAt(page, next);
      const isLast = depth + 1 === walk.tree.depth;
      if (isLast && !walk.isFree && this.#skips?.(childLeast, childBefore) === true) {
        walk.hasSkipped = true;
        this.#mark(child, "page");
      } else {
        this.#walkPage(walk, child, depth + 1, childLeast, childBefore);
      }
    }
  }

  /** A page of a tree whose header says nothing impossible. */
  #read(walk: Walk, number: number, depth: number): Buffer | undefined {
    const { pageBytes, transaction } = walk.meta;
    if (depth > DEPTH_MAX || !this.#mark(number, "page")) return undefined;
    const page = this.#scratch(depth, pageBytes);
    if (readSync(this.#handle, page, 0, pageBytes, number * pageBytes) < pageBytes) {
      return this.#broken(number, "is not there: the file is cut short");
    }
    if (numberAt(page, 0) !== number) return this.#broken(number, "is another one");
    const written = numberAt(page, TRANSACTION_AT);
    if (written > transaction || (depth === 1 && !walk.isFree && written !== transaction)) {
      return this.#broken(number, "was not written when it says");
    }
    const flags = page.readUInt16LE(FLAGS_AT);
    if (flags !== PageFlag.LEAF && flags !== PageFlag.BRANCH) {
      return this.#broken(number, "is of no kind that is known");
    }
    const lower = page.readUInt16LE(LOWER_AT);
    const upper = page.readUInt16LE(UPPER_AT);
    if (lower === 0 || lower % 2 !== 0 || lower > upper || upper > pageBytes - PAGE_HEADER_BYTES) {
      return this.#broken(number, "has room for nothing");
    }
    return page;
  }

  /** Where the nodes of a page are, when all lie within it and their keys are in order. */
  #nodesOf(
    walk: Walk,
    page: Buffer,
    number: number,
    count: number,
    isLeaf: boolean,
    least: Buffer | undefined,
    before: Buffer | undefined,
  ): number[] | undefined {
    const nodes: number[] = [];
    const upper = page.readUInt16LE(UPPER_AT);
    let last = -1;
    for (let index = 0; index < count; index += 1) {
      const offset = page.readUInt16LE(PAGE_HEADER_BYTES + 2 * index);
      const at = PAGE_HEADER_BYTES + offset;
      if (offset < upper || at + NODE_HEADER_BYTES > page.length) {
        return this.#broken(number, "has a record outside");
      }
      const keyBytes = page.readUInt16LE(at + 6);
      if (at + NODE_HEADER_BYTES + keyBytes > page.length) {
        return this.#broken(number, "has a key outside");
      }
      if (last >= 0 && compareKeys(walk, page, last, at, isLeaf || index > 1) >= 0) {
        return this.#broken(number, "has its keys out of order");
      }
      if (isLeaf && valueEnd(page, at) > page.length) {
        return this.#broken(number, "has a value outside");
      }
      nodes.push(at);
      last = at;
    }
    const first = nodes[isLeaf ? 0 : 1];
    if (walk.isFree || first === undefined) return nodes;
    if (least !== undefined && Buffer.compare(keyAt(page, first), least) < 0) {
      return this.#broken(number, "has keys of another page");
    }
    if (before !== undefined && Buffer.compare(keyAt(page, last), before) >= 0) {
      return this.#broken(number, "has keys of another page");
    }
    return nodes;
  }

  #takeLeaf(walk: Walk, page: Buffer, number: number, at: number): void {
    walk.entries += 1;
    const flags = page.readUInt16LE(at + 4);
    const key = keyAt(page, at);
    const valueAt = at + NODE_HEADER_BYTES + key.length;
    if (flags === 0) {
      walk.take(key, page.subarray(valueAt, valueEnd(page, at)));
    } else if (flags === NODE_BIG) {
      const value = this.#readBig(walk, page, valueAt, page.readUInt32LE(at));
      if (value !== undefined) walk.take(key, value);
    } else {
      this.#broken(number, "has a record of no kind that is known");
    }
  }

  /** A value that has pages of its own. */
  #readBig(walk: Walk, page: Buffer, valueAt: number, bytes: number): Buffer | undefined {
    const { pageBytes, lastPage } = walk.meta;
    const number = numberAt(page, valueAt);
    const count = Math.ceil((PAGE_HEADER_BYTES + bytes) / pageBytes);
    if (numberAt(page, valueAt + 16) !== count) {
      return this.#broken(number, "has another length than its record says");
    }
    if (number + count - 1 > lastPage) return this.#broken(number, "ends outside");
    for (let at = number; at < number + count; at += 1) {
      if (!this.#mark(at, "page")) return undefined;
    }
    walk.overflowPages += count;
    const length = PAGE_HEADER_BYTES + bytes;
    if (this.#big.length < length) this.#big = Buffer.allocUnsafe(length * 2);
    if (readSync(this.#handle, this.#big, 0, length, number * pageBytes) < length) {
      return this.#broken(number, "is not there: the file is cut short");
    }
    const isOverflow = this.#big.readUInt16LE(FLAGS_AT) === PageFlag.OVERFLOW;
    if (numberAt(this.#big, 0) !== number || !isOverflow) {
      return this.#broken(number, "is another one");
    }
    if (this.#big.readUInt32LE(OVERFLOW_PAGES_AT) !== count) {
      return this.#broken(number, "has another length than its record says");
    }
    return this.#big.subarray(PAGE_HEADER_BYTES, length);
  }

  /** One record of the free list: a length, then pages, or `-n` and the first of n pages. */
  #takeFree(meta: Meta, value: Buffer): void {
    const count = value.length < 8 ? -1 : numberAt(value, 0);
    if (count < 0 || (count + 1) * 8 > value.length) {
      this.#tell("its list of free pages is cut short");
      return;
    }
    for (let index = 1; index <= count; index += 1) {
      const entry = Number(value.readBigInt64LE(index * 8));
      if (entry === 0) continue;
      const length = entry < 0 ? -entry : 1;
      if (entry < 0) index += 1;
      const first = entry < 0 ? Number(value.readBigInt64LE(Math.min(index, count) * 8)) : entry;
      if (first < 2 || first + length - 1 > meta.lastPage) {
        this.#tell(`its list of free pages names page ${first}, which cannot be`);
        return;
      }
      for (let page = first; page < first + length; page += 1) {
        if (!this.#mark(page, "free page")) return;
      }
    }
  }

  /** @returns whether the page exists, and was not met before. */
  #mark(page: number, what: string): boolean {
    const lastPage = this.#meta?.lastPage ?? -1;
    if (!(page >= 0 && page <= lastPage)) {
      this.#broken(page, "is beyond the end");
      return false;
    }
    const bit = 1 << (page & 7);
    const bits = this.#met[page >> 3] as number; // it has a bit for every page
    if ((bits & bit) !== 0) {
      this.#tell(`${what} ${page} is used twice`);
      return false;
    }
    this.#met[page >> 3] = bits | bit;
    return true;
  }

  #broken(page: number, why: string): undefined {
    this.#tell(`page ${page} ${why}`);
  }

  #tell(problem: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(problem);
    else if (this.problems.length === PROBLEMS_MAX) this.problems.push("and more");
  }

  #scratch(depth: number, pageBytes: number): Buffer {
    const known = this.#pages[depth];
    if (known !== undefined) return known;
    const page = Buffer.alloc(pageBytes);
    this.#pages[depth] = page;
    return page;
  }

  /** Bytes of the file, for whoever bounds work by it. */
  get size(): number {
    return this.#size;
  }
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

/** Above 2^53 it is not exact, and far outside anything that can be. */
function numberAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

function keyAt(page: Buffer, at: number): Buffer {
  const start = at + NODE_HEADER_BYTES;
  return page.subarray(start, start + page.readUInt16LE(at + 6));
}

/** Where the value of a leaf's record ends within the page. */
function valueEnd(page: Buffer, at: number): number {
  const start = at + NODE_HEADER_BYTES + page.readUInt16LE(at + 6);
  return start + (page.readUInt16LE(at + 4) === NODE_BIG ? BIG_BYTES : page.readUInt32LE(at));
}

/** The first key of a branch page counts as the least of all, whatever stands there. */
function compareKeys(walk: Walk, page: Buffer, a: number, b: number, isKey: boolean): number {
  if (!isKey) return -1;
  if (walk.isFree) {
    return numberAt(page, a + NODE_HEADER_BYTES) - numberAt(page, b + NODE_HEADER_BYTES);
  }
  const aAt = a + NODE_HEADER_BYTES;
  const bAt = b + NODE_HEADER_BYTES;
  const aEnd = aAt + page.readUInt16LE(a + 6);
  return page.compare(page, bAt, bAt + page.readUInt16LE(b + 6), aAt, aEnd);
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
