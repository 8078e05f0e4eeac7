/** Some of many, in an order that stays the same while what is looked at changes. */
export interface Page<T> {
  readonly items: readonly T[];
  /**
   * Where the next page begins: to be given as `after`. `undefined`: this was the last one. A page may
   * hold less than was asked for, and even nothing, and yet not be the last one.
   */
  readonly next: string | undefined;
}

/** What every page is asked for. */
export interface PageRequest {
  /** What the page before said as `next`; `undefined`: from the beginning. */
  readonly after: string | undefined;
  /** The most items of a page. */
  readonly limit: number;
}

/**
 * One page looks at so many candidates at most, however few of them are wanted: some milliseconds
 * among a million.
 */
export const LOOKED_AT_MAX = 5_000;
