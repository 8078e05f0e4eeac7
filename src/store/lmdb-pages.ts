import { readSync } from "node:fs";
import { type Meta, readMeta, type Tree } from "./lmdb-meta.js";
import {
  childAt,
  isRoomy,
  type KeyBounds,
  keyAt,
  NODE_BIG,
  nodeFlags,
  nodesOf,
  numberAt,
  PAGE_FLAGS_AT,
  PAGE_HEADER_BYTES,
  PageFlag,
  valueEnd,
  valueStart,
} from "./lmdb-node.js";

const TRANSACTION_AT = 8;
const OVERFLOW_PAGES_AT = 20;
const DEPTH_MAX = 32;
const ANY_KEYS: KeyBounds = { least: undefined, before: undefined };

/**
 * Takes one key and its value. The bytes are views that die with the call; `value` may be another
 * buffer than `page`.
 */
export type TakeEntry = (key: Buffer, value: Buffer) => void;

/** Whether nobody asks what is kept under these keys. */
export type SkipsRange = (bounds: KeyBounds) => boolean;

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
    this.#meta = readMeta(handle, (problem) => this.#tell(problem));
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

  #walkTree(meta: Meta, tree: Tree, isFree: boolean, take: TakeEntry): void {
    const counts = { branchPages: 0, leafPages: 0, overflowPages: 0, entries: 0 };
    const walk: Walk = { meta, tree, take, isFree, hasSkipped: false, ...counts };
    const before = this.problems.length;
    if (tree.root >= 0) this.#walkPage(walk, tree.root, 1, ANY_KEYS);
    if (this.problems.length > before || walk.hasSkipped) return;
    for (const name of ["entries", "branchPages", "leafPages", "overflowPages"] as const) {
      if (walk[name] === tree[name]) continue;
      const what = isFree ? `free list: ${name}` : name;
      this.#tell(`${what}: ${walk[name]} are there, ${tree[name]} should be`);
    }
  }

  #walkPage(walk: Walk, number: number, depth: number, bounds: KeyBounds): void {
    const page = this.#read(walk, number, depth);
    if (page === undefined) return;
    const isLeaf = page.readUInt16LE(PAGE_FLAGS_AT) === PageFlag.LEAF;
    if (isLeaf) walk.leafPages += 1;
    else walk.branchPages += 1;
    if (isLeaf !== (depth === walk.tree.depth)) {
      this.#broken(number, "is at another depth than the others");
      return;
    }
    const nodes = nodesOf(page, isLeaf, walk.isFree, bounds);
    if (typeof nodes === "string") this.#broken(number, nodes);
    else if (!isLeaf) this.#walkChildren(walk, page, nodes, depth, bounds);
    else for (const at of nodes) this.#takeLeaf(walk, page, number, at);
  }

  #walkChildren(
    walk: Walk,
    page: Buffer,
    nodes: readonly number[],
    depth: number,
    bounds: KeyBounds,
  ): void {
    const isLast = depth + 1 === walk.tree.depth && !walk.isFree;
    for (const [index, at] of nodes.entries()) {
      const next = nodes[index + 1];
      const childBounds = {
        least: index === 0 ? bounds.least : keyAt(page, at),
        before: next === undefined ? bounds.before : keyAt(page, next),
      };
      if (isLast && this.#skips?.(childBounds) === true) {
        walk.hasSkipped = true;
        this.#mark(childAt(page, at), "page");
      } else {
        this.#walkPage(walk, childAt(page, at), depth + 1, childBounds);
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
    const flags = page.readUInt16LE(PAGE_FLAGS_AT);
    if (flags !== PageFlag.LEAF && flags !== PageFlag.BRANCH) {
      return this.#broken(number, "is of no kind that is known");
    }
    return isRoomy(page) ? page : this.#broken(number, "has room for nothing");
  }

  #takeLeaf(walk: Walk, page: Buffer, number: number, at: number): void {
    walk.entries += 1;
    const flags = nodeFlags(page, at);
    const key = keyAt(page, at);
    const valueAt = valueStart(page, at);
    if (flags === 0) {
      walk.take(key, page.subarray(valueAt, valueEnd(page, at)));
    } else if (flags === NODE_BIG) {
      const value = this.#readBig(walk, page, valueAt, page.readUInt32LE(at));
      if (value !== undefined) walk.take(key, value);
    } else {
      this.#broken(number, "has a record of no kind that is known");
    }
  }

  /**
   * A value that has pages of its own: as many as it needs, or more, because LMDB keeps the pages of a
   * longer value that this one replaced in the same commit.
   */
  #readBig(walk: Walk, page: Buffer, valueAt: number, bytes: number): Buffer | undefined {
    const { pageBytes, lastPage } = walk.meta;
    const number = numberAt(page, valueAt);
    const count = numberAt(page, valueAt + 16);
    if (count < Math.ceil((PAGE_HEADER_BYTES + bytes) / pageBytes)) {
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
    const isOverflow = this.#big.readUInt16LE(PAGE_FLAGS_AT) === PageFlag.OVERFLOW;
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
      if (entry > 0) this.#takeFreePages(meta, entry, 1);
      if (entry >= 0 || index === count) continue;
      index += 1;
      this.#takeFreePages(meta, Number(value.readBigInt64LE(index * 8)), -entry);
    }
  }

  #takeFreePages(meta: Meta, first: number, count: number): void {
    if (first < 2 || first + count - 1 > meta.lastPage) {
      this.#tell(`its list of free pages names page ${first}, which cannot be`);
      return;
    }
    for (let page = first; page < first + count; page += 1) {
      if (!this.#mark(page, "free page")) return;
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
}
