import type { Backend, Entry, Operation } from "../../../src/store/backend.js";
import { MemoryBackend } from "../../../src/store/memory-store.js";

/**
 * What is kept of one node elsewhere. Whoever opens it has a copy of its own, and is the only one that can
 * write from then on.
 */
export class SimHome {
  readonly #backend: Backend;
  readonly #isFenced: boolean;
  #epoch = 0;

  /** @param isFenced - `false`: whoever has opened it before can still write, as a test wants to see once. */
  constructor(backend: Backend = new MemoryBackend(), isFenced = true) {
    this.#backend = backend;
    this.#isFenced = isFenced;
  }

  /** @param onFenced - Another one has opened it since. */
  open(onFenced: () => void): Backend {
    if (this.#isFenced) this.#epoch += 1;
    return new Opened(this.#backend, () => this.#epoch, onFenced);
  }
}

const FIRST = Uint8Array.of(0);
const LAST = Uint8Array.of(0xff, 0xff);

class Opened implements Backend {
  readonly #home: Backend;
  readonly #copy = new MemoryBackend();
  readonly #now: () => number;
  readonly #epoch: number;
  readonly #onFenced: () => void;

  constructor(home: Backend, now: () => number, onFenced: () => void) {
    this.#home = home;
    this.#now = now;
    this.#epoch = now();
    this.#onFenced = onFenced;
    for (const { key, value } of home.entries(FIRST, LAST)) {
      this.#copy.apply({ kind: "put", key: key.slice(), value });
    }
  }

  commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    if (this.#epoch !== this.#now()) {
      this.#onFenced();
      return;
    }
    for (const operation of operations) this.#copy.apply(operation);
    this.#home.commit(operations, done);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#copy.get(key);
  }

  entries(from: Uint8Array, to: Uint8Array): Iterable<Entry> {
    return this.#copy.entries(from, to);
  }

  async close(): Promise<void> {}
}
