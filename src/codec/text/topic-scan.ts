import { hashEnd, hashSeed, hashWord, shortWordAt, wordAt } from "../bytes/bytes.js";
import { knownTopic, newTopic } from "./string-cache.js";
import {
  checkTopicFilter,
  checkTopicName,
  isMisplacedWildcard,
  type TextRules,
} from "./text-check.js";
import { loadWords, setLoadedFor, words } from "./text-words.js";

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
 * A PUBLISH in place costs 28 ns with it instead of 34 (`npm run bench -- codec`).
 */
function unusualBits(word: number): number {
  return (word + 0x01010101) | (word - 0x2c2c2c2c);
}

/**
 * Checks the Topic Name in `bytes[at..end)` as {@link checkTopicName} does, and returns its hash,
 * the one of `hashBytes`, from the same pass; leaves the words, for `owner`. O(length).
 */
export function scanTopicName(
  bytes: Uint8Array,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
  owner = 0,
): number {
  const last = end - 4;
  let hash = hashSeed(end - at);
  let odd = 0;
  let count = 0;
  let word: number;
  if (last < at) {
    word = shortWordAt(bytes, at, end);
  } else {
    for (let index = at; index < last; index += 4) {
      word = wordAt(bytes, index);
      words[count++] = word;
      odd |= unusualBits(word);
      hash = hashWord(hash, word);
    }
    word = wordAt(bytes, last);
  }
  words[count] = word;
  setLoadedFor(owner);
  odd |= unusualBits(word);
  if (isOdd(odd, end - at, rules)) checkTopicName(bytes, at, end, start, rules);
  return hashEnd(hashWord(hash, word));
}

/** The same through a view of `bytes`, of a name of four bytes or more; leaves no words. */
export function scanTopicNameByView(
  bytes: Uint8Array,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
  view: DataView,
): number {
  setLoadedFor(0);
  const last = end - 4;
  let hash = hashSeed(end - at);
  let odd = 0;
  for (let index = at; index < last; index += 4) {
    const word = view.getInt32(index, true); // one instruction for ten of `wordAt`
    odd |= unusualBits(word);
    hash = hashWord(hash, word);
  }
  const word = view.getInt32(last, true);
  odd |= unusualBits(word);
  if (isOdd(odd, end - at, rules)) checkTopicName(bytes, at, end, start, rules);
  return hashEnd(hashWord(hash, word));
}

/** Whether a topic needs the exact check. One of n bytes has n + 1 levels at most. */
function isOdd(odd: number, length: number, rules: TextRules): boolean {
  return (odd & HIGH_BITS) !== 0 || length === 0 || length >= rules.levelsMax;
}

/**
 * The Topic Filter in `bytes[at..end)`, checked as {@link checkTopicFilter} does. One that was met
 * before has its wildcards in the right places. O(length).
 */
export function topicFilterAt(
  bytes: Uint8Array,
  view: DataView | undefined,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
): string {
  const length = end - at;
  const count = loadWords(bytes, at, end, view);
  let hash = hashSeed(length);
  let odd = 0;
  for (let index = 0; index < count; index++) {
    const word = words[index] as number;
    odd |= unplainBits(word);
    hash = hashWord(hash, word);
  }
  if (isOdd(odd, length, rules)) checkTopicFilter(bytes, at, end, start, rules);
  hash = hashEnd(hash);
  const known = knownTopic(at, length, hash);
  if (known !== undefined) return known;
  for (let index = at; index < end; index++) {
    // The exact check then throws: a filter is gone through twice at most.
    if (isMisplacedWildcard(bytes, index, at, end)) checkTopicFilter(bytes, at, end, start, rules);
  }
  return newTopic(bytes, at, end, hash);
}
