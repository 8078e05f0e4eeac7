import { shortWordAt, wordAt } from "./bytes.js";
import { utf8Decode } from "./utf8.js";

// Topic bytes -> the string made of them before: Topic Names and Topic Filters come again and
// again, and making a string costs more than all the rest of a small packet. 1024 strings of up to
// 64 bytes, in 512 pairs of slots: the hash chooses the pair, a newcomer takes either slot of it by
// turns. So memory and the cost of a look-up are bounded, whatever peers send.

const PAIRS = 512;
const SLOT_WORDS = 16;
const STRING_BYTES_MAX = 4 * SLOT_WORDS;

const strings: string[] = new Array<string>(2 * PAIRS).fill("");
/** Bytes of each string; 0 for none: topics are never empty. */
const lengths = new Uint8Array(2 * PAIRS);
/** The strings' bytes as the words that `hashBytes` takes. */
const words = new Int32Array(2 * PAIRS * SLOT_WORDS);
let turn = 0;

/**
 * The string of the topic `bytes[at..end)`, which has been checked and has this `hashBytes`.
 * O(length).
 */
export function topicString(bytes: Uint8Array, at: number, end: number, hash: number): string {
  const length = end - at;
  if (length > STRING_BYTES_MAX) return utf8Decode(bytes, at, end);
  const slot = slotOf(hash);
  if (lengths[slot] === length && holds(slot, bytes, at, end)) return strings[slot] as string;
  const other = slot ^ 1;
  if (lengths[other] === length && holds(other, bytes, at, end)) return strings[other] as string;
  return remember(slot, bytes, at, end);
}

/** The same through a view of `bytes`. */
export function topicStringByView(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  end: number,
  hash: number,
): string {
  const length = end - at;
  if (length > STRING_BYTES_MAX || length < 4) return topicString(bytes, at, end, hash);
  const slot = slotOf(hash);
  if (lengths[slot] === length && holdsByView(slot, view, at, end)) return strings[slot] as string;
  const other = slot ^ 1;
  if (lengths[other] === length && holdsByView(other, view, at, end)) {
    return strings[other] as string;
  }
  return remember(slot, bytes, at, end);
}

function slotOf(hash: number): number {
  return hash & (2 * PAIRS - 1);
}

function holds(slot: number, bytes: Uint8Array, at: number, end: number): boolean {
  let word = slot * SLOT_WORDS;
  if (end - at < 4) return words[word] === shortWordAt(bytes, at, end);
  const last = end - 4;
  for (let index = at; index < last; index += 4) {
    if (words[word++] !== wordAt(bytes, index)) return false;
  }
  return words[word] === wordAt(bytes, last);
}

function holdsByView(slot: number, view: DataView, at: number, end: number): boolean {
  let word = slot * SLOT_WORDS;
  const last = end - 4;
  for (let index = at; index < last; index += 4) {
    if (words[word++] !== view.getInt32(index, true)) return false;
  }
  return words[word] === view.getInt32(last, true);
}

function remember(pair: number, bytes: Uint8Array, at: number, end: number): string {
  turn ^= 1;
  const slot = pair ^ turn;
  const string = utf8Decode(bytes, at, end);
  strings[slot] = string;
  lengths[slot] = end - at;
  let word = slot * SLOT_WORDS;
  if (end - at < 4) {
    words[word] = shortWordAt(bytes, at, end);
    return string;
  }
  const last = end - 4;
  for (let index = at; index < last; index += 4) words[word++] = wordAt(bytes, index);
  words[word] = wordAt(bytes, last);
  return string;
}
