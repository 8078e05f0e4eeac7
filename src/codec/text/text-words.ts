import { shortWordAt, wordAt } from "../bytes/bytes.js";

/**
 * The words of the string that was loaded last: what the checks, the hash and the look-up go over.
 * A topic that came alone in its chunk is looked up without being loaded again, so an object costs
 * 0.94 of the CPU time (`npm run bench -- codec`, one a chunk).
 */
export const words = new Int32Array(0x10000 / 4);
let loadedFor = 0;

/**
 * Loads `bytes[at..end)`, 65,535 at most, as little-endian words and returns how many these are.
 * The last one overlaps the one before unless 4 divides the length; up to three bytes are filled up
 * to a word with `a`, harmless to every check. O(length).
 *
 * @param view - Of `bytes`, where there is one: one instruction a word instead of ten.
 */
export function loadWords(bytes: Uint8Array, at: number, end: number, view?: DataView): number {
  loadedFor = 0;
  const last = end - 4;
  let count = 0;
  if (last < at) {
    words[0] = shortWordAt(bytes, at, end);
  } else if (view === undefined) {
    for (let index = at; index < last; index += 4) words[count++] = wordAt(bytes, index);
    words[count] = wordAt(bytes, last);
  } else {
    for (let index = at; index < last; index += 4) words[count++] = view.getInt32(index, true);
    words[count] = view.getInt32(last, true);
  }
  return count + 1;
}

/** Says whose words these are, for {@link areLoadedFor}: the `id` of a reader, or 0. */
export function setLoadedFor(owner: number): void {
  loadedFor = owner;
}

/** Whether the words loaded last are those of `owner`. */
export function areLoadedFor(owner: number): boolean {
  return loadedFor === owner;
}
