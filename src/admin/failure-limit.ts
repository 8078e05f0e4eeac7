/** Failures from one address in a minute; then it has to wait. */
const FAILURES_MAX = 10;
const WINDOW_MS = 60_000;
const ADDRESSES_MAX = 1_000;

interface Failures {
  count: number;
  readonly sinceMs: number;
}

/** Ten failures of an address in a minute are told apart. The oldest of many addresses are forgotten. */
export class FailureLimit {
  readonly #nowMs: () => number;
  readonly #failures = new Map<string, Failures>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether an address has failed too often, and is told no more about its next failure. */
  isReached(address: string): boolean {
    return (this.#recent(address)?.count ?? 0) >= FAILURES_MAX;
  }

  /** An address has failed. */
  note(address: string): void {
    const failures = this.#recent(address) ?? { count: 0, sinceMs: this.#nowMs() };
    failures.count += 1;
    this.#failures.set(address, failures);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > ADDRESSES_MAX && oldest !== undefined) this.#failures.delete(oldest);
  }

  #recent(address: string): Failures | undefined {
    const found = this.#failures.get(address);
    if (found === undefined || this.#nowMs() - found.sinceMs < WINDOW_MS) return found;
    this.#failures.delete(address);
    return undefined;
  }
}
