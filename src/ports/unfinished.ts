/** What costs no more than its connection does is not worth remembering. */
const SMALL_BYTES = 4 * 1024;

/**
 * Bytes held of packets that are not whole, over all who send them. A bound for each packet is not
 * enough: ten thousand peers may each send nearly all of a large one, and wait. When there is too
 * much, whoever has had an unfinished one for the longest time goes first: an honest peer finishes.
 * [M23]
 *
 * @typeParam T - Who sends.
 */
export class Unfinished<T> {
  /** So many are held, one more is not. */
  bytesMax: number;
  /** Those with more than a little, the longest unfinished first. */
  readonly #all = new Map<T, number>();
  /** Bytes of all of them. */
  byteCount = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** So much is held of what `who` has not finished now; 0: nothing, or `who` is gone. O(1). */
  set(who: T, bytes: number): void {
    if (bytes <= SMALL_BYTES && this.#all.size === 0) return; // nearly always
    const before = this.#all.get(who) ?? 0;
    const now = bytes <= SMALL_BYTES ? 0 : bytes;
    if (now < before) this.#all.delete(who); // another packet: its time begins anew
    if (now > 0) this.#all.set(who, now);
    this.byteCount += now - before;
  }

  /** Takes out who must go, while there is too much; `undefined`: nobody. O(1). */
  takeExcess(): T | undefined {
    if (this.byteCount <= this.bytesMax) return undefined;
    const [who] = this.#all.keys();
    if (who !== undefined) this.set(who, 0);
    return who;
  }
}
