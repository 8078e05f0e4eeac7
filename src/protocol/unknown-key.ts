import { UsageError } from "./errors.js";
import { nameList } from "./name-list.js";

/** The complaint about a key that does not exist, with the one that was probably meant. */
export function unknownKey(key: string, known: readonly string[], prefix = ""): UsageError {
  const nearest = nearestTo(key, known);
  const guess = nearest === undefined ? "" : `: did you mean ${prefix}${nearest}?`;
  return new UsageError(
    `unknown key ${prefix}${cut(key)}${guess === "" ? ";" : guess} allowed: ${nameList(known)}`,
  );
}

/** The word that takes the fewest changes; `undefined` when none is like it. */
export function nearestTo(word: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const changes = changesBetween(cut(word).toLowerCase(), candidate.toLowerCase());
    const isLike = changes <= Math.max(2, Math.ceil(candidate.length / 3));
    if (!isLike || changes >= fewest) continue;
    nearest = candidate;
    fewest = changes;
  }
  return nearest;
}

/** Letters to put in, take out or exchange until two words are the same. O(product of lengths). */
function changesBetween(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 1; at <= left.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= right.length; to += 1) {
      const isSame = left[at - 1] === right[to - 1];
      const exchanged = (row[to - 1] as number) + (isSame ? 0 : 1); // rows are as long as `right`
      next.push(Math.min(exchanged, (row[to] as number) + 1, (next[to - 1] as number) + 1));
    }
    row = next;
  }
  return row[right.length] as number; // the last of the row
}

const SHOWN_MAX = 80;

/** A text as a message shows it. */
export function cut(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
