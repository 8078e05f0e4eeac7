/** Chunks that were pushed while an earlier one was still being read, in their order. */
export class ChunkQueue {
  #chunks: Uint8Array[] = [];
  #at = 0;
  /** Bytes of all of them. */
  byteCount = 0;

  /** Appends a chunk that is not empty. O(1). */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.byteCount += chunk.length;
  }

  /** Takes the oldest; `undefined` when there is none. O(1), amortised. */
  shift(): Uint8Array | undefined {
    const chunk = this.#chunks[this.#at];
    if (chunk === undefined) return undefined;
    this.byteCount -= chunk.length;
    this.#at++;
    if (this.#at * 2 >= this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#at); // no more than as many as were taken
      this.#at = 0;
    }
    return chunk;
  }
}
