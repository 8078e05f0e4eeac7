/** The middle of some numbers and how far they reach. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** undefined for no numbers at all. The median of an even count is the mean of the middle two. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const low = sorted[Math.floor(middle)] as number; // there is at least one
  const high = sorted[Math.ceil(middle)] as number;
  return { median: (low + high) / 2, min: sorted[0] as number, max: sorted.at(-1) as number };
}

/**
 * Ratios within each round, so that a disturbance that lasts longer than a round cancels out.
 *
 * @param values - By round; undefined where a run failed.
 */
export function ratioSpread(
  values: readonly (number | undefined)[],
  others: readonly (number | undefined)[],
): Spread | undefined {
  const ratios = values.flatMap((value, round) => {
    const other = others[round];
    return value === undefined || other === undefined || other === 0 ? [] : [value / other];
  });
  return spreadOf(ratios);
}
