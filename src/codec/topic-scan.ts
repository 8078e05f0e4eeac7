import { hashBytes, hashEnd, hashSeed, hashWord, shortWordAt, wordAt } from "./bytes.js";
import {
  checkTopicFilter,
  checkTopicName,
  isMisplacedWildcard,
  type TextRules,
} from "./text-check.js";

// The checks of text-check.ts for the usual case, four bytes at a time: strings of U+0020..U+007E
// only pass here, anything else is left to the exact checks. A word may be marked for a byte that
// is in order when a lower byte is not; a word of plain bytes never is.

const HIGH_BITS = 0x80808080 | 0;

/** Has a high bit set when a byte of `word` is below U+0020 or above U+007E. */
function unplainBits(word: number): number {
  return (word + 0x01010101) | (word - 0x20202020);
}

/**
 * Has a high bit set when a byte of `word` is below U+002C or above U+007E: both wildcards and all
 * that is not plain, in half the steps, at the price of an exact check for `$` and its neighbours.
 * A PUBLISH in place costs 28 ns with it instead of 34 (`npm run bench:codec`).
 */
function unusualBits(word: number): number {
  return (word + 0x01010101) | (word - 0x2c2c2c2c);
}

/** Has a high bit set when a byte of `word`, all of them plain, is `+` or `#`. */
function wildcardBits(word: number): number {
  return ((word | 0x08080808) ^ 0x2b2b2b2b) - 0x01010101; // `#` and `+` differ in one bit, 0x08
}

/**
 * Whether `bytes[at..end)` holds U+0020..U+007E only. O(length).
 *
 * @param view - Of `bytes`, where there is one; as in all that follow.
 */
export function isPlain(
  bytes: Uint8Array,
  view: DataView | undefined,
  at: number,
  end: number,
): boolean {
  if (end - at < 4) return (unplainBits(shortWordAt(bytes, at, end)) & HIGH_BITS) === 0;
  const last = end - 4;
  let odd = 0;
  for (let index = at; index < last; index += 4) odd |= unplainBits(load(bytes, view, index));
  odd |= unplainBits(load(bytes, view, last)); // overlaps the word before unless 4 divides the length
  return (odd & HIGH_BITS) === 0;
}

function load(bytes: Uint8Array, view: DataView | undefined, at: number): number {
  return view === undefined ? wordAt(bytes, at) : view.getInt32(at, true);
}

/**
 * Checks the Topic Name in `bytes[at..end)` as {@link checkTopicName} does, and returns its hash,
 * the one of `hashBytes`, from the same pass. O(length).
 */
export function scanTopicName(
  bytes: Uint8Array,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
  view?: DataView,
): number {
  const length = end - at;
  const last = end - 4;
  let hash = hashSeed(length);
  let odd = 0;
  let word: number;
  if (length < 4) {
    word = shortWordAt(bytes, at, end);
  } else if (view === undefined) {
    for (let index = at; index < last; index += 4) {
      word = wordAt(bytes, index);
      odd |= unusualBits(word);
      hash = hashWord(hash, word);
    }
    word = wordAt(bytes, last);
  } else {
    for (let index = at; index < last; index += 4) {
      word = view.getInt32(index, true); // one instruction for what is ten above
      odd |= unusualBits(word);
      hash = hashWord(hash, word);
    }
    word = view.getInt32(last, true);
  }
  odd |= unusualBits(word);
  if ((odd & HIGH_BITS) !== 0 || length === 0 || length >= rules.levelsMax) {
    checkTopicName(bytes, at, end, start, rules); // a name of n bytes has n + 1 levels at most
  }
  return hashEnd(hashWord(hash, word));
}

/**
 * Checks the Topic Filter in `bytes[at..end)` as {@link checkTopicFilter} does, and returns its
 * hash, the one of `hashBytes`, from the same pass. O(length).
 */
export function scanTopicFilter(
  bytes: Uint8Array,
  view: DataView | undefined,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
): number {
  const length = end - at;
  if (length < 4 || length >= rules.levelsMax) {
    checkTopicFilter(bytes, at, end, start, rules);
    return hashBytes(bytes, at, end);
  }
  let hash = hashSeed(length);
  let odd = 0;
  const last = end - 4;
  for (let index = at; index < last; index += 4) {
    const word = load(bytes, view, index);
    odd |= unplainBits(word);
    if ((wildcardBits(word) & HIGH_BITS) !== 0) odd |= misplacedBits(word, bytes, index, at, end);
    hash = hashWord(hash, word);
  }
  const word = load(bytes, view, last);
  odd |= unplainBits(word);
  if ((wildcardBits(word) & HIGH_BITS) !== 0) odd |= misplacedBits(word, bytes, last, at, end);
  hash = hashWord(hash, word);
  if ((odd & HIGH_BITS) !== 0) checkTopicFilter(bytes, at, end, start, rules);
  return hashEnd(hash);
}

/** Has a high bit set when a wildcard in `word`, the one at `index`, stands where none may. */
function misplacedBits(
  word: number,
  bytes: Uint8Array,
  index: number,
  at: number,
  end: number,
): number {
  // A high bit for each wildcard: exact, since each byte is 0 for a wildcard and else 1..127.
  let marks = ~(((word | 0x08080808) ^ 0x2b2b2b2b) + 0x7f7f7f7f) & HIGH_BITS;
  while (marks !== 0) {
    const lowest = (31 - Math.clz32(marks & -marks)) >> 3;
    if (isMisplacedWildcard(bytes, index + lowest, at, end)) return HIGH_BITS;
    marks &= marks - 1;
  }
  return 0;
}
