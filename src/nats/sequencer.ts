/** Entries that came before their turn are kept up to so many, and so many bytes. */
const EARLY_MAX = 10_000;
const EARLY_BYTES_MAX = 16 * 1024 * 1024;

/** From one sequence to another, both included. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/**
 * Puts entries of a log, which come twice, late or never, into their order: each once, none left out.
 * What never came is a {@link Gap}, and somebody else reads it from the log.
 */
export class Sequencer {
  #next: number;
  /** The highest sequence that the log is known to have. */
  #known: number;
  #earlyBytes = 0;
  readonly #early = new Map<number, Uint8Array>();
  readonly #deliver: (sequence: number, bytes: Uint8Array) => void;

  /** @param next - The first sequence that is wanted. */
  constructor(next: number, deliver: (sequence: number, bytes: Uint8Array) => void) {
    this.#next = next;
    this.#known = next - 1;
    this.#deliver = deliver;
  }

  /** The sequence that is waited for. */
  get next(): number {
    return this.#next;
  }

  /** What is missing before what is known to be there; `undefined`: nothing. */
  get gap(): Gap | undefined {
    if (this.#next > this.#known) return undefined;
    return { from: this.#next, to: this.#known };
  }

  /** What is missing although something behind it has come. */
  get hole(): boolean {
    return this.#early.size > 0;
  }

  /** Whether this one came already and only waits for its turn. */
  has(sequence: number): boolean {
    return this.#early.has(sequence);
  }

  /** An entry from wherever. Its bytes are kept when it is too early. */
  take(sequence: number, bytes: Uint8Array): void {
    if (sequence < this.#next || this.#early.has(sequence)) return;
    if (sequence > this.#known) this.#known = sequence;
    if (sequence === this.#next) {
      this.#pass(sequence, bytes);
      this.#passEarly();
    } else if (this.#early.size < EARLY_MAX && this.#earlyBytes < EARLY_BYTES_MAX) {
      this.#early.set(sequence, bytes);
      this.#earlyBytes += bytes.length;
    }
  }

  /** The log has entries up to this one. */
  exists(sequence: number): void {
    if (sequence > this.#known) this.#known = sequence;
  }

  /** The log ends there: whatever said that it goes on was wrong, or not ours. */
  endsAt(last: number): void {
    this.#known = Math.max(last, this.#next - 1);
    for (const [sequence, bytes] of this.#early) {
      if (sequence <= last) continue;
      this.#early.delete(sequence);
      this.#earlyBytes -= bytes.length;
    }
  }

  #pass(sequence: number, bytes: Uint8Array): void {
    this.#next = sequence + 1;
    this.#deliver(sequence, bytes);
  }

  #passEarly(): void {
    if (this.#early.size === 0) return;
    for (;;) {
      const sequence = this.#next;
      const bytes = this.#early.get(sequence);
      if (bytes === undefined) return;
      this.#early.delete(sequence);
      this.#earlyBytes -= bytes.length;
      this.#pass(sequence, bytes);
    }
  }
}
