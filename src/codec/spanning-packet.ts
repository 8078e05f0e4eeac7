import { copyBytes, NO_BYTES } from "./bytes.js";

/** What a packet of unknown size gets: more than the longest fixed header, five bytes. */
const FIRST_BYTES = 64;
/** Packets up to this size are put together in the pool, in one piece of their exact size. */
const POOLED_BYTES_MAX = 2048;
const POOL_BYTES = 16_384;

// A piece of the pool is handed out once and never again: views of it stay true for ever.
let pool: Uint8Array = NO_BYTES;
let poolAt = 0;

/**
 * A packet that came in more than one chunk, being put together.
 *
 * A declared length reserves nothing: the buffer has at most `max(2048, 2 x received)` bytes, and
 * never more than declared. It doubles when it is full, so that a packet dribbled byte by byte
 * costs linear time.
 */
export class SpanningPacket {
  /** Where the packet is put together, from {@link start} on. */
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  /** Bytes received so far. */
  length = 0;
  /** Size of the whole packet; 0 until its Remaining Length is known. */
  declared: number;
  /** Size of its fixed header; as `declared`. */
  headerSize: number;
  #capacity = 0;

  constructor(declared: number, headerSize: number) {
    this.declared = declared;
    this.headerSize = headerSize;
  }

  /** Takes `source[from..to)`, no more than belongs to the packet. O(to - from), amortised. */
  append(source: Uint8Array, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.#capacity) this.#grow(length);
    copyBytes(source, from, to, this.bytes, this.start + this.length);
    this.length = length;
  }

  #grow(length: number): void {
    const { bytes, start } = this;
    this.#capacity =
      this.declared === 0
        ? FIRST_BYTES
        : Math.min(this.declared, Math.max(POOLED_BYTES_MAX, 2 * length));
    this.#reserve(this.#capacity);
    copyBytes(bytes, start, start + this.length, this.bytes, this.start);
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
