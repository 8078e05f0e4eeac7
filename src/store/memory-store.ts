import { check } from "../protocol/usage.js";
import type { Backend, Entry, Operation } from "./backend.js";
import { disposable } from "./disposable.js";
import { KeyedStore } from "./keyed-store.js";

/** Keys and values in memory: for tests, and to hand the state of one engine to the next. */
export class MemoryBackend implements Backend {
  /** By key in hexadecimal, which sorts as the bytes do. */
  readonly #values = new Map<string, Uint8Array>();

  get size(): number {
    return this.#values.size;
  }

  commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    for (const operation of operations) this.apply(operation);
    done();
  }

  apply(operation: Operation): void {
    if (operation.kind === "put") this.#values.set(hex(operation.key), operation.value.slice());
    else if (operation.kind === "delete") this.#values.delete(hex(operation.key));
    else {
      for (const key of this.#keys(operation.from, operation.to)) this.#values.delete(key);
    }
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#values.get(hex(key));
  }

  *entries(from: Uint8Array, to: Uint8Array): Iterable<Entry> {
    for (const key of this.#keys(from, to)) {
      const value = this.#values.get(key);
      if (value !== undefined) yield { key: Buffer.from(key, "hex"), value };
    }
  }

  async close(): Promise<void> {}

  #keys(from: Uint8Array, to: Uint8Array): string[] {
    const first = hex(from);
    const end = hex(to);
    return [...this.#values.keys()].filter((key) => key >= first && key < end).sort();
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/**
 * A Store in memory that commits at once. Another engine may be opened over the same backend.
 *
 * @throws UsageError for what is no backend.
 */
export function memoryStore(backend: Backend = new MemoryBackend()): KeyedStore & AsyncDisposable {
  isBackend(backend, "backend");
  const atOnce = (commit: () => void): void => commit();
  return disposable(new KeyedStore({ backend, gather: atOnce, retry: atOnce }));
}

const isBackend = check(
  "an object with commit, get, entries and close",
  (value) =>
    typeof value === "object" &&
    value !== null &&
    ["commit", "get", "entries", "close"].every(
      (name) => name in value && typeof value[name as never] === "function",
    ),
);
