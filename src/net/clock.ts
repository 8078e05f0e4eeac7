/**
 * Whole monotonic milliseconds since this process began, never 0: the engine's `nowMs`.
 *
 * Whole, because V8 keeps a fraction in a box of its own wherever one is stored, for each connection
 * and each delivery: spec-notes/v8.md.
 */
export function nowMs(): number {
  return Math.floor(performance.now()) + 1;
}
