const { TESTS_QUICK } = process.env;

/**
 * How many runs of a property, seeds or rounds there are: all of them when somebody names the file or
 * asks for `--all`, and a tenth in a quick `npm test`.
 *
 * @param least - No fewer than these, which is what shows anything.
 */
export function roundsOf(all: number, least = 10): number {
  if (TESTS_QUICK !== "1") return all;
  return Math.min(all, Math.max(least, Math.ceil(all / 10)));
}
