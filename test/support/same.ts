/**
 * A comparison for the inner loops of models: `expect` costs a hundred times as much when it holds.
 *
 * @throws an Error that shows both when they differ.
 */
export function same(what: string, actual: unknown, expected: unknown): void {
  if (Object.is(actual, expected)) return;
  const [shown, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (shown !== wanted || typeof actual !== typeof expected) {
    throw new Error(`${what}: ${shown}, expected ${wanted}`);
  }
}
