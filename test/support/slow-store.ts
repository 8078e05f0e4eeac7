import type { Operation } from "../../src/store/backend.js";
import { KeyedStore } from "../../src/store/keyed-store.js";
import { MemoryBackend } from "../../src/store/memory-store.js";

/** A disk that commits when the test says so. */
export class SlowDisk extends MemoryBackend {
  readonly #waiting: { operations: readonly Operation[]; done: (error?: Error) => void }[] = [];

  override commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    this.#waiting.push({ operations, done });
  }

  /** The machine stops: what is not durable by now is lost. */
  lose(): void {
    this.#waiting.length = 0;
  }

  /** Makes everything durable that was given to it, and what that lets through. */
  finishAll(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      for (const operation of next.operations) this.apply(operation);
      next.done();
    }
  }
}

/** A Store over that disk: every sealed turn is on its way to it at once. */
export function slowStore(disk: SlowDisk): KeyedStore {
  const atOnce = (commit: () => void): void => commit();
  return new KeyedStore({ backend: disk, gather: atOnce, retry: atOnce });
}
