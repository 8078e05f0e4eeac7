/** How much one address may do. Read anew each time, so that it can change meanwhile. */
export interface AddressBounds {
  /** Connections at once. */
  readonly connectionsPerAddressMax: number;
  /** New connections in a second, on average. */
  readonly connectsPerSecondMax: number;
}

/** Seconds' worth of connects that may come at once: those behind one router come back together. */
const BURST_SECONDS = 10;
/** Addresses remembered without a connection: whoever has more is not counted exactly. */
const IDLE_MAX = 100_000;

interface Entry {
  connections: number;
  /** Connects it may make now: filled up with time. */
  tokens: number;
  sinceMs: number;
}

/**
 * Who has how many connections, and how fast more come. By keys of `addressKey`, so that a network
 * counts as one.
 */
export class AddressBook {
  readonly #bounds: AddressBounds;
  readonly #entries = new Map<string, Entry>();

  constructor(bounds: AddressBounds) {
    this.#bounds = bounds;
  }

  /** Addresses remembered now. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Whether one more connection may be opened; then {@link leave} must follow once.
   *
   * @returns `undefined`, or why not.
   */
  enter(key: string, nowMs: number): "address-full" | "address-too-fast" | undefined {
    const entry = this.#entryOf(key, nowMs);
    if (entry.tokens < 1) return "address-too-fast";
    if (entry.connections >= this.#bounds.connectionsPerAddressMax) return "address-full";
    entry.tokens -= 1;
    entry.connections += 1;
    return undefined;
  }

  leave(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.connections -= 1;
  }

  #entryOf(key: string, nowMs: number): Entry {
    const rate = this.#bounds.connectsPerSecondMax;
    const burst = rate * BURST_SECONDS;
    const known = this.#entries.get(key);
    if (known === undefined) {
      if (this.#entries.size >= IDLE_MAX) this.#forget(nowMs);
      const entry = { connections: 0, tokens: burst, sinceMs: nowMs };
      this.#entries.set(key, entry);
      return entry;
    }
    known.tokens = Math.min(burst, known.tokens + ((nowMs - known.sinceMs) * rate) / 1_000);
    known.sinceMs = nowMs;
    return known;
  }

  /** Lets go of those of whom nothing need be known: O(all), once for so many newcomers. */
  #forget(nowMs: number): void {
    for (const [key, { connections, sinceMs }] of this.#entries) {
      const isFull = nowMs - sinceMs >= BURST_SECONDS * 1_000;
      if (connections === 0 && isFull) this.#entries.delete(key);
    }
    // Still too many: a flood from all over the world. The oldest of those without connections go.
    for (const [key, { connections }] of this.#entries) {
      if (this.#entries.size <= IDLE_MAX / 2) return;
      if (connections === 0) this.#entries.delete(key);
    }
  }
}
