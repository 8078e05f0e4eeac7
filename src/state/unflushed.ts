/** A turn that has touched more than this has its connections flushed behind all others. */
const LIGHT_MAX = 8;

/**
 * Connections whose outbox waits for a flush. What a small turn has touched stands before what a
 * large one has: a message to one Client does not wait for the flush of one to ten thousand.
 */
export class Unflushed<T> {
  /** Of small turns; the latest turn's from `#turnFrom` on. */
  #prompt: T[] = [];
  #promptAt = 0;
  #turnFrom = 0;
  /** Of large turns. */
  #bulk: T[] = [];
  #bulkAt = 0;

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

  /** A turn has ended: if it was a large one, what it has touched goes behind the others. */
  turnEnded(): void {
    const { length } = this.#prompt;
    if (length - this.#turnFrom > LIGHT_MAX) {
      for (let at = this.#turnFrom; at < length; at += 1) {
        this.#bulk.push(this.#prompt[at] as T); // below its length
      }
      this.#prompt.length = this.#turnFrom;
    }
    this.#turnFrom = this.#prompt.length;
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
