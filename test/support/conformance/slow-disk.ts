import type { Operation } from "../../../src/store/backend.js";
import { MemoryBackend } from "../../../src/store/memory-store.js";

/** A disk that makes nothing durable until it is told that time has passed. */
export class SlowDisk extends MemoryBackend {
  #waiting: { readonly operations: readonly Operation[]; readonly done: () => void }[] = [];

  override commit(operations: readonly Operation[], done: () => void): void {
    this.#waiting.push({ operations: [...operations], done });
  }

  /** Everything handed over so far is durable now. */
  finish(): void {
    const due = this.#waiting;
    this.#waiting = [];
    for (const { operations, done } of due) super.commit(operations, done);
  }
}
