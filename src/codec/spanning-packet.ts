import { copyBytes, NO_BYTES } from "./bytes.js";

/** What a packet of unknown size gets: more than the longest fixed header, five bytes. */
const FIRST_BYTES = 64;
/** Packets up to this size are gathered in the pool, in one piece of their exact size. */
const POOLED_BYTES_MAX = 2048;
const POOL_BYTES = 8192;

// Pieces are handed out once and never again: views of them stay true for ever.
let pool: Uint8Array = NO_BYTES;
let poolAt = 0;

/**
 * A packet that came in more than one chunk, being put together.
 *
 * A declared length reserves nothing: at most `max(2048, 2 x received)` bytes are held, and never
 * more than declared. Each byte is copied at most a few times whatever the chunks, so that a packet
 * dribbled byte by byte costs linear time.
 */
export class SpanningPacket {
  /** Where the packet is put together, from {@link start} on. */
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  /** Bytes received so far. */
  length = 0;
  /** Size of the whole packet; 0 until its Remaining Length is known. */
  declared = 0;
  #capacity = 0;

  /** Takes `source[from..to)`, no more than belongs to the packet. O(to - from), amortised. */
  append(source: Uint8Array, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.#capacity) this.#grow(length);
    copyBytes(source, from, to, this.bytes, this.start + this.length);
    this.length = length;
  }

  #grow(length: number): void {
    this.#capacity = this.#nextCapacity(length);
    const { bytes, start } = this;
    this.#reserve(this.#capacity);
    copyBytes(bytes, start, start + this.length, this.bytes, this.start);
  }

  #nextCapacity(length: number): number {
    if (this.declared === 0) return FIRST_BYTES;
    return Math.min(this.declared, Math.max(POOLED_BYTES_MAX, 2 * length));
  }

  #reserve(size: number): void {
    if (size > POOLED_BYTES_MAX) {
      this.bytes = new Uint8Array(size);
      this.start = 0;
      return;
    }
    if (poolAt + size > pool.length) {
      pool = new Uint8Array(POOL_BYTES);
      poolAt = 0;
    }
    this.bytes = pool;
    this.start = poolAt;
    poolAt += size;
  }
}
