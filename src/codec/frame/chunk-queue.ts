/** Chunks that were pushed while an earlier one was still being read, in their order. */
export class ChunkQueue {
  /** The newer ones, the oldest first; then the older ones, the oldest last. */
  #pushed: Uint8Array[] = [];
  #older: Uint8Array[] = [];
  /** Bytes of all of them. */
  byteCount = 0;

  /** Appends a chunk that is not empty. O(1). */
  push(chunk: Uint8Array): void {
    this.#pushed.push(chunk);
    this.byteCount += chunk.length;
  }

  /** Takes the oldest; `undefined` when there is none. O(1), amortised: each is turned over once. */
  shift(): Uint8Array | undefined {
    if (this.#older.length === 0) {
      this.#older = this.#pushed.reverse();
      this.#pushed = [];
    }
    const chunk = this.#older.pop();
    if (chunk !== undefined) this.byteCount -= chunk.length;
    return chunk;
  }
}
