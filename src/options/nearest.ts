/** Longer names are no slip of the pen; it also bounds the work. */
const LENGTH_MAX = 64;
/** Share of a name that may be mistyped. */
const SHARE_MAX = 0.4;

/**
 * The known name that somebody probably meant: `inflightMax` is `inFlightMax`. Capitals do not
 * count; a letter left out, put in, changed or swapped with the next one counts one.
 *
 * @returns `undefined` when none is near. O(names x length^2).
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > LENGTH_MAX) return undefined;
  let best: string | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    if (candidate.length > LENGTH_MAX) continue;
    const cost = edits(name.toLowerCase(), candidate.toLowerCase());
    if (cost < bestCost && cost <= SHARE_MAX * Math.max(name.length, candidate.length)) {
      best = candidate;
      bestCost = cost;
    }
  }
  return best;
}

/** Fewest edits from one text to the other, where swapping two neighbours is one edit. */
function edits(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(
        at(last, column) + 1,
        at(next, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
      );
      if (from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      }
      next.push(cost);
    }
    beforeLast = last;
    last = next;
  }
  return at(last, to.length);
}

/** Past the edge nothing is cheaper. */
function at(costs: readonly number[], index: number): number {
  return costs[index] ?? Number.POSITIVE_INFINITY;
}
