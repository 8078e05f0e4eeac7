import { wordAt } from "./bytes.js";
import { isPlain } from "./text-check.js";
import { utf8Decode } from "./utf8.js";

// Topic bytes -> the string made of them before: Topic Names and Topic Filters come again and
// again, and making a string costs more than all the rest of a small packet. 1024 strings of 4 to
// 64 bytes, in 512 pairs of slots: the hash chooses the pair, a newcomer takes either slot of it by
// turns. So memory and the cost of a look-up are bounded, whatever peers send.
//
// A few of its bytes guess the slot of a topic. Found there it needs no hash, and no check: a
// PUBLISH object costs 79 ns instead of 94, one a chunk (`npm run bench:codec`).

const PAIRS = 512;
const SLOT_WORDS = 16;
const STRING_BYTES_MAX = 4 * SLOT_WORDS;

// What a slot holds, as a tag: the length of the topic, plus
/** it has been checked as a Topic Name, */
export const NAME = 0x100;
/** it has been checked as a Topic Filter, */
export const FILTER = 0x200;
/** it has characters that the rules of another reader may refuse. */
const CONTESTED = 0x400;

const tags = new Uint16Array(2 * PAIRS);
const strings: string[] = new Array<string>(2 * PAIRS).fill("");
/** Of Topic Names `hashBytes`. */
const hashes = new Int32Array(2 * PAIRS);
/** The bytes as the words that `hashBytes` takes. */
const words = new Int32Array(2 * PAIRS * SLOT_WORDS);
/** By {@link sampleOf}: the slot that was the right one the last time. */
const guesses = new Uint16Array(2 * PAIRS);
let turn = 0;

/**
 * The slot of the topic `bytes[at..end)` if it was met before and is certain to be valid; else -1,
 * which says nothing. O(length).
 *
 * @param view - Of `bytes`, where there is one.
 * @param kind - What it is to be taken for: {@link NAME} or {@link FILTER}.
 */
export function guessTopic(
  bytes: Uint8Array,
  view: DataView | undefined,
  at: number,
  end: number,
  kind: number,
  levelsMax: number,
): number {
  const length = end - at;
  const slot = guesses[sampleOf(bytes, at, end)] as number;
  // A topic of n bytes has n + 1 levels at most.
  if (tags[slot] !== kind + length || length >= levelsMax) return -1;
  const isRight =
    view === undefined ? holds(slot, bytes, at, end) : holdsByView(slot, view, at, end);
  return isRight ? slot : -1;
}

/** The `hashBytes` of the Topic Name in this slot. */
export function hashIn(slot: number): number {
  return hashes[slot] as number;
}

export function stringIn(slot: number): string {
  return strings[slot] as string;
}

/**
 * The string of the topic `bytes[at..end)`, which has been checked. O(length).
 *
 * @param kind - What it has been checked for.
 * @param hash - Of a Topic Name its `hashBytes`, of a Topic Filter its {@link sampleOf}.
 */
export function topicString(
  bytes: Uint8Array,
  at: number,
  end: number,
  kind: number,
  hash: number,
): string {
  const length = end - at;
  if (length > STRING_BYTES_MAX || length < 4) return utf8Decode(bytes, at, end);
  const tag = kind + length;
  let slot = hash & (2 * PAIRS - 1);
  if (!isIn(slot, tag, bytes, at, end)) {
    slot ^= 1;
    if (!isIn(slot, tag, bytes, at, end)) {
      turn ^= 1;
      slot ^= turn;
      remember(slot, tag, bytes, at, end);
      hashes[slot] = hash;
    }
  }
  guesses[sampleOf(bytes, at, end)] = slot;
  return strings[slot] as string;
}

/** Ten bits: of four bytes of a topic, and its length. */
export function sampleOf(bytes: Uint8Array, at: number, end: number): number {
  const word =
    (bytes[end - 1] as number) |
    ((bytes[end - 2] as number) << 8) |
    ((bytes[(at + end) >> 1] as number) << 16) |
    ((bytes[at] as number) << 24);
  return Math.imul(word ^ (end - at), 0x9e3779b1) >>> 22;
}

function isIn(slot: number, tag: number, bytes: Uint8Array, at: number, end: number): boolean {
  return ((tags[slot] as number) & ~CONTESTED) === tag && holds(slot, bytes, at, end);
}

/** Whether this slot, which has as many bytes, has the same. */
function holds(slot: number, bytes: Uint8Array, at: number, end: number): boolean {
  let word = slot * SLOT_WORDS;
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

function remember(slot: number, tag: number, bytes: Uint8Array, at: number, end: number): void {
  let word = slot * SLOT_WORDS;
  for (let index = at; index < end; index += 4) {
    words[word++] = wordAt(bytes, Math.min(index, end - 4));
  }
  strings[slot] = utf8Decode(bytes, at, end);
  tags[slot] = isPlain(bytes, undefined, at, end) ? tag : tag + CONTESTED;
}
