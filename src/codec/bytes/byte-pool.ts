import { NO_BYTES } from "./bytes.js";

/** The largest piece that is worth taking from a pool. */
export const POOLED_BYTES_MAX = 2048;
// A block of 16 KiB costs as much to make as six packets of 64 bytes; one of 4 KiB nearly as much.
const BLOCK_BYTES = 16_384;

/**
 * Hands out small pieces of large blocks, for making a `Uint8Array` costs more than filling it.
 * What is not given back is never handed out again: views of it stay true for ever.
 */
export class BytePool {
  /** The block that {@link reserve} spoke of. */
  block: Uint8Array = NO_BYTES;
  /** Its buffer: the getter of a `Uint8Array` costs as much as making a view. */
  buffer: ArrayBufferLike = NO_BYTES.buffer;
  #at = 0;

  /** Where in {@link block} there is room for `size` bytes, 2,048 at most; still free. */
  reserve(size: number): number {
    if (this.#at + size > this.block.length) {
      this.block = new Uint8Array(BLOCK_BYTES);
      this.buffer = this.block.buffer;
      this.#at = 0;
    }
    return this.#at;
  }

  /** Takes back `block[from..to)`, if it was handed out last; nobody may look at it any more. */
  giveBack(block: Uint8Array, from: number, to: number): void {
    if (block === this.block && to === this.#at) this.#at = from;
  }

  /** Hands out what was reserved, up to `end`. */
  take(end: number): void {
    this.#at = end;
  }
}
