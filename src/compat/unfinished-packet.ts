/** What there is of a packet that is not whole yet, from its first byte on. */
export class UnfinishedPacket {
  #bytes = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view of what there is; the packet's own when it is whole, good until the next `append`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * Copies `source[from..to)` behind what there is. At most twice as much as came is held, whatever
   * length the packet declares, and bytes that come one by one cost linear time.
   */
  append(source: Buffer, from: number, to: number): void {
    const length = this.#length + to - from;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    source.copy(this.#bytes, this.#length, from, to);
    this.#length = length;
  }

  /** Hands out the bytes and begins anew: they are never written to again. */
  take(): Buffer {
    const whole = this.bytes;
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    return whole;
  }
}
