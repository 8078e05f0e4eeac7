/** A bug of ours, never the peer's doing: an assumption of the code did not hold. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/**
 * States what the code relies on.
 *
 * @throws {@link InvariantError} when `condition` is false.
 */
export function assert(condition: boolean, expectation: string): asserts condition {
  if (!condition) throw new InvariantError(`expected: ${expectation}`);
}

/** Closes an exhaustive `switch`: a case without a branch does not compile. */
export function unreachable(value: never): never {
  throw new InvariantError(`no branch for ${JSON.stringify(value)}`);
}
