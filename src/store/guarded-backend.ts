import type { Backend, Entry, Operation } from "./backend.js";
import type { FileGuard } from "./file-guard.js";

/** A backend whose commits count only while its file is where it should be. [D4] */
export class GuardedBackend implements Backend {
  readonly #inner: Backend;
  readonly #guard: FileGuard;
  readonly #nowMs: () => number;
  readonly #onClose: () => void;
  readonly #onCommitTime: ((seconds: number) => void) | undefined;

  /**
   * @param onClose - Called before the medium is let go of.
   * @param onCommitTime - Told how long each commit took.
   */
  constructor(
    inner: Backend,
    guard: FileGuard,
    nowMs: () => number,
    onClose: () => void,
    onCommitTime?: (seconds: number) => void,
  ) {
    this.#inner = inner;
    this.#guard = guard;
    this.#nowMs = nowMs;
    this.#onClose = onClose;
    this.#onCommitTime = onCommitTime;
  }

  get outage(): Error | undefined {
    return this.#guard.fault;
  }

  commit(operations: readonly Operation[], done: (error?: Error) => void): void {
    if (this.#guard.fault !== undefined) this.#guard.look();
    if (this.#guard.fault !== undefined) {
      done(this.#guard.fault);
      return;
    }
    const beganMs = performance.now();
    this.#inner.commit(operations, (error) => {
      this.#onCommitTime?.((performance.now() - beganMs) / 1_000);
      this.#guard.lookOften(this.#nowMs());
      done(error ?? this.#guard.fault);
    });
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#inner.get(key);
  }

  entries(from: Uint8Array, to: Uint8Array): Iterable<Entry> {
    return this.#inner.entries(from, to);
  }

  close(): Promise<void> {
    this.#onClose();
    return this.#inner.close();
  }
}
