import { TextMap } from "./text-map.js";
import { levelCount } from "./topic-name.js";

/**
 * What Topic Filters with wildcards can cost a match at most, whatever names come. [T3] [D13]
 *
 * The pattern of a filter is what is left when all its literal levels count as the same: `a/+/c` and
 * `b/+/d` have one. Two filters of one pattern never match the same name, as far as either goes; so
 * the places in the tree that a name of n levels reaches at depth d are no more than the patterns of
 * d levels and more, and all its places no more than {@link levels}. A million devices with a filter
 * each have one pattern; 16,384 filters `{a|+}/{a|+}/...` have as many.
 */
export class WildcardPatterns {
  /** Pattern -> how many filters have it. */
  readonly #counts = new TextMap<number>();
  #levels = 0;

  /** Levels of all different patterns. */
  get levels(): number {
    return this.#levels;
  }

  /** What one more filter adds to {@link levels}. O(length). */
  costOf(topicFilter: string): number {
    return this.#counts.has(patternOf(topicFilter)) ? 0 : levelCount(topicFilter);
  }

  /** A filter with a wildcard came. O(length). */
  add(topicFilter: string): void {
    const pattern = patternOf(topicFilter);
    const count = this.#counts.get(pattern);
    if (count === undefined) this.#levels += levelCount(pattern);
    this.#counts.set(pattern, (count ?? 0) + 1);
  }

  /** A filter that was added is gone. O(length). */
  remove(topicFilter: string): void {
    const pattern = patternOf(topicFilter);
    const left = (this.#counts.get(pattern) as number) - 1; // it was added
    if (left > 0) {
      this.#counts.set(pattern, left);
      return;
    }
    this.#counts.delete(pattern);
    this.#levels -= levelCount(pattern);
  }
}

/** The separators and wildcards alone: between two separators stands a wildcard or a literal. */
function patternOf(topicFilter: string): string {
  return topicFilter.replaceAll(LITERALS, "");
}

const LITERALS = /[^+#/]+/g;
