/** A turn that has touched more than this has its connections flushed behind all others. */
const LIGHT_MAX = 8;

/**
 * Connections whose outbox waits for a flush. What a small turn has touched stands before what a
 * large one has, and before whoever has much to be flushed: a message to one Client does not wait for
 * the flush of one to ten thousand, nor for retained messages to hundreds. [T1] [T9]
 */
export class Unflushed<T> {
  /** Of small turns; the latest turn's from `#turnFrom` on. */
  #prompt: T[] = [];
  #promptAt = 0;
  #turnFrom = 0;
  /** Of large turns. */
  #bulk: T[] = [];
  #bulkAt = 0;
  readonly #hasMuch: (connection: T) => boolean;

  /** @param hasMuch - Whether the flush of a connection takes long. Asked at the end of each turn. */
  constructor(hasMuch: (connection: T) => boolean) {
    this.#hasMuch = hasMuch;
  }

  get count(): number {
    return this.promptCount + this.#bulk.length - this.#bulkAt;
  }

  /** Of them, those of small turns. */
  get promptCount(): number {
    return this.#prompt.length - this.#promptAt;
  }

  add(connection: T): void {
    this.#prompt.push(connection);
  }

  /** A turn has ended: if it was a large one, all that it has touched goes behind the others. */
  turnEnded(): void {
    const { length } = this.#prompt;
    const isLarge = length - this.#turnFrom > LIGHT_MAX;
    let to = this.#turnFrom;
    for (let at = to; at < length; at += 1) {
      const touched = this.#prompt[at] as T; // below its length
      if (isLarge || this.#hasMuch(touched)) {
        this.#bulk.push(touched);
      } else {
        this.#prompt[to] = touched;
        to += 1;
      }
    }
    if (to < length) this.#prompt.length = to;
    this.#turnFrom = to;
  }

  /** Takes the next. */
  shift(): T | undefined {
    if (this.#promptAt < this.#prompt.length) {
      const next = this.#prompt[this.#promptAt];
      this.#promptAt += 1;
      if (this.#turnFrom < this.#promptAt) this.#turnFrom = this.#promptAt;
      if (this.#promptAt === this.#prompt.length) {
        this.#prompt.length = 0;
        this.#promptAt = 0;
        this.#turnFrom = 0;
      }
      return next;
    }
    if (this.#bulkAt === this.#bulk.length) return undefined;
    const next = this.#bulk[this.#bulkAt];
    this.#bulkAt += 1;
    if (this.#bulkAt === this.#bulk.length) {
      this.#bulk = [];
      this.#bulkAt = 0;
    }
    return next;
  }
}
