/** Where the pages of LMDB's data file (64 bit, data version 2) keep what. */
export const PAGE_HEADER_BYTES = 24;
export const PAGE_FLAGS_AT = 18;
const LOWER_AT = 20;
const UPPER_AT = 22;
/** The kinds of pages. */
export const PageFlag = { BRANCH: 1, LEAF: 2, OVERFLOW: 4, META: 8 } as const;
const NODE_HEADER_BYTES = 8;
/** Flag of a record whose value has pages of its own. */
export const NODE_BIG = 1;
/** What stands for it then: the first page, its transaction, how many pages. */
const BIG_BYTES = 24;

/** What the parent of a page says about its keys: from `least` up to, not including, `before`. */
export interface KeyBounds {
  readonly least: Buffer | undefined;
  readonly before: Buffer | undefined;
}

/** A whole number of 8 bytes. Above 2^53 it is not exact, and far outside anything that can be. */
export function numberAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

/** How many records a page has. */
export function nodeCount(page: Buffer): number {
  return page.readUInt16LE(LOWER_AT) >> 1;
}

/** Whether the header of a page says that it has records, and room for them. */
export function isRoomy(page: Buffer): boolean {
  const lower = page.readUInt16LE(LOWER_AT);
  const upper = page.readUInt16LE(UPPER_AT);
  const isOrdered = lower > 0 && lower % 2 === 0 && lower <= upper;
  return isOrdered && upper <= page.length - PAGE_HEADER_BYTES;
}

/**
 * Where the records of a page are.
 *
 * @param isNumbers - Keys are numbers, as in the list of free pages.
 * @returns what is wrong, when one lies outside or the keys are not in order.
 */
export function nodesOf(
  page: Buffer,
  isLeaf: boolean,
  isNumbers: boolean,
  bounds: KeyBounds,
): number[] | string {
  const nodes: number[] = [];
  const upper = page.readUInt16LE(UPPER_AT);
  const count = nodeCount(page);
  for (let index = 0; index < count; index += 1) {
    const offset = page.readUInt16LE(PAGE_HEADER_BYTES + 2 * index);
    const at = PAGE_HEADER_BYTES + offset;
    if (offset < upper || !isInside(page, at, isLeaf)) return "has a record outside";
    // The first key of a branch page counts as the least of all, whatever stands there.
    const last = isLeaf || index > 1 ? nodes[index - 1] : undefined;
    if (last !== undefined && compareKeys(page, last, at, isNumbers) >= 0) {
      return "has its keys out of order";
    }
    nodes.push(at);
  }
  return isNumbers || isWithin(page, nodes, isLeaf, bounds) ? nodes : "has keys of another page";
}

function isInside(page: Buffer, at: number, isLeaf: boolean): boolean {
  if (at + NODE_HEADER_BYTES > page.length) return false;
  if (valueStart(page, at) > page.length) return false;
  return !isLeaf || valueEnd(page, at) <= page.length;
}

function isWithin(
  page: Buffer,
  nodes: readonly number[],
  isLeaf: boolean,
  { least, before }: KeyBounds,
): boolean {
  const first = nodes[isLeaf ? 0 : 1];
  const last = nodes.at(-1);
  if (first === undefined || last === undefined) return true;
  if (least !== undefined && Buffer.compare(keyAt(page, first), least) < 0) return false;
  return before === undefined || Buffer.compare(keyAt(page, last), before) < 0;
}

/** The key of the record at a place. */
export function keyAt(page: Buffer, at: number): Buffer {
  return page.subarray(at + NODE_HEADER_BYTES, valueStart(page, at));
}

/** Where the value of a record begins: behind its key. */
export function valueStart(page: Buffer, at: number): number {
  return at + NODE_HEADER_BYTES + page.readUInt16LE(at + 6);
}

/** Where the value of a leaf's record ends within the page. */
export function valueEnd(page: Buffer, at: number): number {
  const isBig = nodeFlags(page, at) === NODE_BIG;
  return valueStart(page, at) + (isBig ? BIG_BYTES : page.readUInt32LE(at));
}

export function nodeFlags(page: Buffer, at: number): number {
  return page.readUInt16LE(at + 4);
}

/** The page that a record of a branch page leads to. */
export function childAt(page: Buffer, at: number): number {
  return page.readUInt32LE(at) + nodeFlags(page, at) * 2 ** 32;
}

function compareKeys(page: Buffer, a: number, b: number, isNumbers: boolean): number {
  const aAt = a + NODE_HEADER_BYTES;
  const bAt = b + NODE_HEADER_BYTES;
  if (isNumbers) return numberAt(page, aAt) - numberAt(page, bAt);
  return page.compare(page, bAt, valueStart(page, b), aAt, valueStart(page, a));
}
