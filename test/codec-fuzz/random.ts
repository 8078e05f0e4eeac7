/** A small, fast generator of pseudo-random numbers (xorshift32): the same seed, the same run. */
export class Random {
  #state: number;

  /** @param seed - Any integer; 0 counts as 1. */
  constructor(seed: number) {
    this.#state = seed | 0 || 1;
    for (let round = 0; round < 8; round++) this.next();
  }

  /** The next 32 bits, unsigned. */
  next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }

  /** 0 to `bound` - 1. */
  below(bound: number): number {
    return this.next() % bound;
  }

  /** True once in `turns` calls, on average. */
  oneIn(turns: number): boolean {
    return this.next() % turns === 0;
  }

  /** One element of a list that is not empty. */
  pick<Element>(list: readonly Element[]): Element {
    return list[this.below(list.length)] as Element; // in bounds
  }
}
