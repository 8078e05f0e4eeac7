/**
 * Texts that wait, first in, first out, up to so many bytes; the oldest go when there are more.
 *
 * Bytes are counted as two for each UTF-16 code unit, which is what a text takes at most.
 */
export class EventQueue {
  bytesMax: number;
  #texts: string[] = [];
  #head = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get length(): number {
    return this.#texts.length - this.#head;
  }

  get byteCount(): number {
    return this.#bytes;
  }

  /** @returns how many had to go, perhaps this one. */
  push(text: string): number {
    this.#texts.push(text);
    this.#bytes += bytesOf(text);
    let dropped = 0;
    for (; this.#bytes > this.bytesMax; dropped += 1) this.#shift();
    return dropped;
  }

  /** Takes out the first ones: at least one, then as many as these bounds allow. */
  take(countMax: number, bytesMax: number): string[] {
    const taken: string[] = [];
    let bytes = 0;
    while (this.length > 0 && taken.length < countMax) {
      bytes += bytesOf(this.#texts[this.#head] as string); // there is one
      if (taken.length > 0 && bytes > bytesMax) break;
      taken.push(this.#shift());
    }
    return taken;
  }

  /** Takes out all. @returns how many. */
  clear(): number {
    const { length } = this;
    this.#texts = [];
    this.#head = 0;
    this.#bytes = 0;
    return length;
  }

  /** O(1) amortised: what was taken is cut off when it is half of all. */
  #shift(): string {
    const text = this.#texts[this.#head] as string; // whoever asks has seen that there is one
    this.#bytes -= bytesOf(text);
    this.#head += 1;
    if (this.#head * 2 >= this.#texts.length) {
      this.#texts = this.#texts.slice(this.#head);
      this.#head = 0;
    }
    return text;
  }
}

function bytesOf(text: string): number {
  return 2 * text.length;
}
