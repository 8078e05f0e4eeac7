import { shortWordAt, wordAt } from "./bytes.js";
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
/** The strings' bytes as the words that `hashBytes` takes. */
const words = new Int32Array(PLACES * PLACE_WORDS);
let dice = 1;

/**
 * The string of the topic `bytes[at..end)`, which has been checked and has this `hashBytes`.
 * O(length).
 *
 * @param view - Of `bytes`, where there is one.
 */
export function topicString(
  bytes: Uint8Array,
  at: number,
  end: number,
  hash: number,
  view?: DataView,
): string {
  if (end - at > STRING_BYTES_MAX) return utf8Decode(bytes, at, end);
  const place = placeOf(hash);
  if (hashes[place] === hash && holds(place, bytes, view, at, end)) return strings[place] as string;
  const other = otherPlaceOf(hash);
  if (hashes[other] === hash && holds(other, bytes, view, at, end)) return strings[other] as string;
  return remember(hash, bytes, at, end);
}

function placeOf(hash: number): number {
  return hash & (PLACES - 1);
}

function otherPlaceOf(hash: number): number {
  return placeOf(hash >> PLACE_BITS);
}

function holds(
  place: number,
  bytes: Uint8Array,
  view: DataView | undefined,
  at: number,
  end: number,
): boolean {
  const length = end - at;
  if (lengths[place] !== length) return false;
  let word = place * PLACE_WORDS;
  if (length < 4) return words[word] === shortWordAt(bytes, at, end);
  const last = end - 4;
  if (view === undefined) {
    for (let index = at; index < last; index += 4) {
      if (words[word++] !== wordAt(bytes, index)) return false;
    }
    return words[word] === wordAt(bytes, last);
  }
  for (let index = at; index < last; index += 4) {
    if (words[word++] !== view.getInt32(index, true)) return false;
  }
  return words[word] === view.getInt32(last, true);
}

function remember(hash: number, bytes: Uint8Array, at: number, end: number): string {
  const place = placeToTake(hash);
  const string = utf8Decode(bytes, at, end);
  strings[place] = string;
  hashes[place] = hash;
  lengths[place] = end - at;
  let word = place * PLACE_WORDS;
  if (end - at < 4) {
    words[word] = shortWordAt(bytes, at, end);
    return string;
  }
  const last = end - 4;
  for (let index = at; index < last; index += 4) words[word++] = wordAt(bytes, index);
  words[word] = wordAt(bytes, last);
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
