import { hashEnd, hashSeed, hashWord, shortWordAt, wordAt } from "./bytes.js";
import { checkTopicName, HIGH_BITS, type TextRules } from "./text-check.js";

/**
 * Has one of {@link HIGH_BITS} set when a byte of `word` is below U+002C or above U+007E: both wildcards and all
 * that is not plain, in half the steps, at the price of an exact check for `$` and its neighbours.
 * A PUBLISH in place costs 28 ns with it instead of 34 (`npm run bench:codec`).
 */
function unusualBits(word: number): number {
  return (word + 0x01010101) | (word - 0x2c2c2c2c);
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
): number {
  const length = end - at;
  let hash = hashSeed(length);
  let odd = 0;
  if (length < 4) {
    const word = shortWordAt(bytes, at, end);
    odd = unusualBits(word);
    hash = hashWord(hash, word);
  } else {
    const last = end - 4;
    for (let index = at; index < last; index += 4) {
      const word = wordAt(bytes, index);
      odd |= unusualBits(word);
      hash = hashWord(hash, word);
    }
    const word = wordAt(bytes, last);
    odd |= unusualBits(word);
    hash = hashWord(hash, word);
  }
  if ((odd & HIGH_BITS) !== 0 || length === 0 || length >= rules.levelsMax) {
    checkTopicName(bytes, at, end, start, rules); // a name of n bytes has n + 1 levels at most
  }
  return hashEnd(hash);
}

/**
 * The same through a view of `bytes`, whose loads of four bytes are one instruction each.
 */
export function scanTopicNameByView(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
): number {
  const length = end - at;
  if (length < 4) return scanTopicName(bytes, at, end, start, rules);
  let hash = hashSeed(length);
  let odd = 0;
  const last = end - 4;
  for (let index = at; index < last; index += 4) {
    const word = view.getInt32(index, true);
    odd |= unusualBits(word);
    hash = hashWord(hash, word);
  }
  const word = view.getInt32(last, true);
  odd |= unusualBits(word);
  hash = hashWord(hash, word);
  if ((odd & HIGH_BITS) !== 0 || length >= rules.levelsMax) {
    checkTopicName(bytes, at, end, start, rules);
  }
  return hashEnd(hash);
}
