import { BytePool, POOLED_BYTES_MAX } from "../bytes/byte-pool.js";
import { copyBytes, NO_BYTES } from "../bytes/bytes.js";

/** What a packet of unknown size gets: more than the longest fixed header, five bytes. */
const FIRST_BYTES = 64;

const pool = new BytePool();

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

  /**
   * Gives the place in the pool back, if nothing was taken from the pool since: the next packet
   * takes it again. Nobody may look at {@link bytes} any more.
   */
  giveBack(): void {
    pool.giveBack(this.bytes, this.start, this.start + this.#capacity);
  }

  #grow(length: number): void {
    const { bytes, start, declared } = this;
    const size =
      declared === 0 ? FIRST_BYTES : Math.min(declared, Math.max(POOLED_BYTES_MAX, 2 * length));
    if (size > POOLED_BYTES_MAX) {
      this.bytes = new Uint8Array(size);
      this.start = 0;
    } else {
      this.start = pool.reserve(size);
      this.bytes = pool.block;
      pool.take(this.start + size);
    }
    this.#capacity = size;
    copyBytes(bytes, start, start + this.length, this.bytes, this.start);
  }
}
