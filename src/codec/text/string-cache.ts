import { loadWords, words } from "./text-words.js";
import { utf8Decode } from "./utf8.js";

// Topic bytes -> the string made of them before: Topic Names and Topic Filters come again and
// again, and making a string costs more than all the rest of a small packet. 1024 strings of up to
// 64 bytes. The hash names two places for each; who finds both taken drives out either at random,
// so that those who come again and again settle side by side: by turns, two could drive each other
// out for ever. Memory and the cost of a look-up are bounded, whatever peers send.

const PLACES = 1024;
const PLACE_BITS = 10;
const PLACE_WORDS = 16;
const STRING_BYTES_MAX = 4 * PLACE_WORDS;

const strings: string[] = new Array<string>(PLACES).fill("");
const hashes = new Int32Array(PLACES);
/** Bytes of each string; 0 for none: topics are never empty. */
const lengths = new Uint8Array(PLACES);
/** The strings' words. */
const keptWords = new Int32Array(PLACES * PLACE_WORDS);
let dice = 1;

/**
 * The string of the topic `bytes[at..end)`, which has been checked and has this `hashBytes`.
 * O(length).
 *
 * @param view - Of `bytes`, for a topic of four bytes or more; without it the words loaded last are
 *   those of the topic.
 */
export function topicString(
  bytes: Uint8Array,
  at: number,
  end: number,
  hash: number,
  view?: DataView,
): string {
  const known = knownTopic(at, end - at, hash, view);
  if (known !== undefined) return known;
  if (view !== undefined) loadWords(bytes, at, end, view);
  return newTopic(bytes, at, end, hash);
}

/** The string of a topic as {@link topicString} takes it, if it was met before. O(length). */
export function knownTopic(
  at: number,
  length: number,
  hash: number,
  view?: DataView,
): string | undefined {
  const place = placeOf(hash);
  if (hashes[place] === hash && holds(place, at, length, view)) return strings[place];
  const other = otherPlaceOf(hash);
  return hashes[other] === hash && holds(other, at, length, view) ? strings[other] : undefined;
}

/** The string of a checked topic that is not known, whose words are loaded. O(length). */
export function newTopic(bytes: Uint8Array, at: number, end: number, hash: number): string {
  const length = end - at;
  const string = utf8Decode(bytes, at, end);
  return length > STRING_BYTES_MAX ? string : remember(hash, length, string);
}

function placeOf(hash: number): number {
  return hash & (PLACES - 1);
}

function otherPlaceOf(hash: number): number {
  return placeOf(hash >> PLACE_BITS);
}

function holds(place: number, at: number, length: number, view: DataView | undefined): boolean {
  if (lengths[place] !== length) return false;
  let word = place * PLACE_WORDS;
  if (view === undefined) {
    for (let index = 0; index * 4 < length; index++) {
      if (keptWords[word++] !== words[index]) return false;
    }
    return true;
  }
  const last = at + length - 4;
  for (let index = at; index < last; index += 4) {
    if (keptWords[word++] !== view.getInt32(index, true)) return false;
  }
  return keptWords[word] === view.getInt32(last, true);
}

function remember(hash: number, length: number, string: string): string {
  const place = placeToTake(hash);
  strings[place] = string;
  hashes[place] = hash;
  lengths[place] = length;
  keptWords.set(words.subarray(0, PLACE_WORDS), place * PLACE_WORDS);
  return string;
}

/** An empty place, if there is one. */
function placeToTake(hash: number): number {
  const place = placeOf(hash);
  const other = otherPlaceOf(hash);
  if (lengths[place] === 0) return place;
  if (lengths[other] === 0) return other;
  dice = (Math.imul(dice, 1664525) + 1013904223) | 0;
  return dice < 0 ? place : other;
}
