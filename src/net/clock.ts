/** Monotonic milliseconds since this process began, never 0: the engine's `nowMs`. */
export function nowMs(): number {
  return performance.now() + 1;
}
