/** A little over 300 lines: the tree, and the one walk that goes through it. */
import type { QoS } from "../protocol/packet.js";
import {
  type Branches,
  getBranch,
  type LevelNode,
  levelAt,
  levelEnd,
  ManyBranches,
} from "./level-node.js";
import { LevelTree } from "./level-tree.js";
import { levelKey } from "./map-key.js";
import {
  appendSubscriptions,
  findSubscription,
  OneSubscription,
  type Subscribers,
  type Subscription,
  withoutSubscriber,
  withSubscription,
} from "./subscriber-set.js";
import { TextMap } from "./text-map.js";
import { hasWildcard } from "./topic-filter.js";
import { startsWithDollar } from "./topic-name.js";
import { WildcardPatterns } from "./wildcard-patterns.js";

export type { Subscription } from "./subscriber-set.js";

/**
 * Topic Filter -> subscribers, asked by Topic Name. §4.7.
 *
 * Filters without a wildcard are keys of one Map; only the others are in a tree of levels. Filters
 * and names must be valid: they were checked where they came in.
 *
 * topic.bench, without the text of the filter: 69 to 77 bytes a Subscription without a wildcard
 * from 100,000 on, 94 to 101 when every fifth has one; qlobber, which Aedes uses, takes 500 to 518.
 */
export class SubscriptionTrie<T extends object> {
  readonly #exact = new TextMap<Subscribers<T>>();
  readonly #wildcards = new LevelTree<Subscribers<T>>();
  readonly #patterns = new WildcardPatterns();
  readonly #walk = new Walk<T>();
  #size = 0;
  #version = 0;

  /** Subscriptions held: pairs of filter and subscriber. */
  get size(): number {
    return this.#size;
  }

  /**
   * Changes with every edit that may change the result of a {@link match}: while it stays the same,
   * an earlier result still holds.
   */
  get version(): number {
    return this.#version;
  }

  /** A subscriber wants other messages than before: earlier results do not hold. O(1). */
  renew(): void {
    this.#version++;
  }

  /**
   * Nodes of the tree that all matches so far have reached: what filters with wildcards cost, for a
   * counter that shows hostile ones. [D13]
   */
  get visits(): number {
    return this.#walk.visits;
  }

  /** How many filters the last match has found: with one, no subscriber comes twice. */
  get matchedFilters(): number {
    return this.#walk.filters;
  }

  /** No match reaches more nodes of the tree than this: see {@link WildcardPatterns}. [T3] */
  get patternLevels(): number {
    return this.#patterns.levels;
  }

  /** What a Topic Filter with a wildcard would add to {@link patternLevels}. O(length). [T3] */
  patternCost(topicFilter: string): number {
    return this.#patterns.costOf(topicFilter);
  }

  /**
   * Subscribes. O(length of the filter), whatever the trie holds.
   *
   * @returns true: it is new; false: there was one of the same filter, whose QoS is now
   *   `grantedQos`. [MQTT-3.8.4-3]
   */
  add(topicFilter: string, subscriber: T, grantedQos: QoS): boolean {
    const node = hasWildcard(topicFilter) ? this.#wildcards.reach(topicFilter) : undefined;
    const subscribers = node === undefined ? this.#exact.get(topicFilter) : node.value;
    const existing = findSubscription(subscribers, subscriber);
    if (existing !== undefined) {
      if (existing.grantedQos !== grantedQos) this.#version++;
      existing.grantedQos = grantedQos;
      return false;
    }
    const added = withSubscription(subscribers, new OneSubscription(subscriber, grantedQos));
    if (node !== undefined) {
      if (node.value === undefined) this.#patterns.add(topicFilter);
      node.value = added;
    }
    if (node === undefined && added !== subscribers) this.#exact.set(topicFilter, added);
    this.#size++;
    this.#version++;
    return true;
  }

  /**
   * Unsubscribes from the filter of exactly this text, no matter what else matches the same names.
   * [MQTT-3.10.4-1] O(length of the filter).
   *
   * @returns false: there was none.
   */
  remove(topicFilter: string, subscriber: T): boolean {
    const node = hasWildcard(topicFilter) ? this.#wildcards.find(topicFilter) : undefined;
    const subscribers = node === undefined ? this.#exact.get(topicFilter) : node.value;
    if (subscribers === undefined) return false;
    if (findSubscription(subscribers, subscriber) === undefined) return false;
    const left = withoutSubscriber(subscribers, subscriber);
    if (node === undefined) this.#replaceExact(topicFilter, subscribers, left);
    else if (left !== undefined) node.value = left;
    else {
      this.#wildcards.delete(topicFilter);
      this.#patterns.remove(topicFilter);
    }
    this.#size--;
    this.#version++;
    return true;
  }

  /**
   * Appends every Subscription whose filter matches. A subscriber with several matching filters
   * appears several times: the caller merges them. [MQTT-3.3.5-1]
   *
   * Cost: one Map lookup for all filters without a wildcard. In the tree a name of n levels reaches
   * at most 2^d nodes at depth d, and never more nodes than {@link patternLevels}. Each takes one Map
   * lookup or at most eight comparisons. [D13] [T3]
   *
   * @returns how many nodes of the tree it has reached.
   */
  match(topicName: string, into: Subscription<T>[]): number {
    const subscribers = this.#exact.get(topicName);
    this.#walk.filters = subscribers === undefined ? 0 : 1;
    if (subscribers !== undefined) appendSubscriptions(subscribers, into);
    const { root } = this.#wildcards;
    const { visits } = this.#walk;
    if (root.branches !== undefined) this.#walk.run(root, topicName, into);
    return this.#walk.visits - visits;
  }

  #replaceExact(
    topicFilter: string,
    before: Subscribers<T>,
    after: Subscribers<T> | undefined,
  ): void {
    if (after === undefined) this.#exact.delete(topicFilter);
    else if (after !== before) this.#exact.set(topicFilter, after);
  }
}

/** One descent at a time through the tree, along a Topic Name; keeps its stack for the next. */
class Walk<T extends object> {
  /** Nodes whose path matches the name up to the offset at the same place in `#offsets`. */
  readonly #nodes: LevelNode<Subscribers<T>>[] = [];
  readonly #offsets: number[] = [];
  #depth = 0;
  visits = 0;
  /** How many of them had subscribers, since somebody has set it to 0. */
  filters = 0;

  run(root: LevelNode<Subscribers<T>>, topicName: string, into: Subscription<T>[]): void {
    if (startsWithDollar(topicName)) {
      const branch = getBranch(root, levelAt(topicName, 0)); // never a wildcard: [MQTT-4.7.2-1]
      if (branch !== undefined) this.#enter(branch, 0, topicName, 0, into);
    } else {
      this.#spread(root, topicName, 0, into);
    }
    while (this.#depth > 0) {
      const top = --this.#depth;
      const node = this.#nodes[top] as LevelNode<Subscribers<T>>; // top < the depth before
      this.#spread(node, topicName, this.#offsets[top] as number, into);
    }
  }

  /** From a node with branches, which the name matches up to `at`, enters those that may go on. */
  #spread(
    node: LevelNode<Subscribers<T>>,
    topicName: string,
    at: number,
    into: Subscription<T>[],
  ): void {
    const { to, value } = node;
    const branches = node.branches as Branches<Subscribers<T>>; // others are not spread
    if (at > topicName.length && value !== undefined) this.#found(value, into);
    if (branches instanceof ManyBranches) {
      this.#enterSome(branches, to, topicName, at, into);
      return;
    }
    for (let i = 0; i < branches.length; i++) {
      const branch = branches[i] as LevelNode<Subscribers<T>>; // i < length
      this.#enter(branch, to, topicName, at, into);
    }
  }

  #enterSome(
    { literals, single, multi }: ManyBranches<Subscribers<T>>,
    to: number,
    topicName: string,
    at: number,
    into: Subscription<T>[],
  ): void {
    if (multi !== undefined) this.#enter(multi, to, topicName, at, into);
    if (at > topicName.length) return;
    if (single !== undefined) this.#enter(single, to, topicName, at, into);
    const end = levelEnd(topicName, at);
    const literal = literals.get(levelKey(topicName, at, end));
    if (literal !== undefined) this.#enter(literal, to + end - at + 1, topicName, end + 1, into);
  }

  /** Compares the levels that all filters below `node` share, from `from` on, with the name's. */
  #enter(
    node: LevelNode<Subscribers<T>>,
    from: number,
    topicName: string,
    at: number,
    into: Subscription<T>[],
  ): void {
    const matchedTo = matchLevels(node.text, from, node.to, topicName, at);
    if (matchedTo === -1) return;
    this.visits++;
    if (node.branches !== undefined) {
      this.#nodes[this.#depth] = node;
      this.#offsets[this.#depth] = matchedTo;
      this.#depth++;
    } else if (matchedTo > topicName.length && node.value !== undefined) {
      this.#found(node.value, into);
    }
  }

  #found(value: Subscribers<T>, into: Subscription<T>[]): void {
    this.filters++;
    appendSubscriptions(value, into);
  }
}

/**
 * Matches the levels of a filter, from `from` to `to`, against a name from `at` on. O(length).
 *
 * @returns Where in the name the next level begins: one past its end when none is left; -1 when
 *   they do not match.
 */
function matchLevels(
  topicFilter: string,
  from: number,
  to: number,
  topicName: string,
  at: number,
): number {
  while (from < to) {
    const unit = topicFilter.charCodeAt(from);
    if (unit === NUMBER_SIGN) return topicName.length + 1; // the parent level too, §4.7.1.2
    if (at > topicName.length) return -1;
    if (unit === PLUS) {
      from += 2;
      at = levelEnd(topicName, at) + 1;
    } else {
      const end = sameLevelEnd(topicFilter, from, to - 1, topicName, at);
      if (end === -1) return -1;
      from += end - at + 1;
      at = end + 1;
    }
  }
  return at;
}

/**
 * Where in the name the level at `at` ends; -1 when the level of the filter at `from` is another.
 * The filter is looked at up to `filterEnd` only, where a level ends.
 */
function sameLevelEnd(
  topicFilter: string,
  from: number,
  filterEnd: number,
  topicName: string,
  at: number,
): number {
  for (;;) {
    const unit = from < filterEnd ? topicFilter.charCodeAt(from) : SLASH;
    if (unit === SLASH) {
      return at === topicName.length || topicName.charCodeAt(at) === SLASH ? at : -1;
    }
    // Behind the end of the name charCodeAt is NaN, which equals nothing. [MQTT-4.7.3-4]
    if (topicName.charCodeAt(at) !== unit) return -1;
    from++;
    at++;
  }
}

const NUMBER_SIGN = 0x23;
const PLUS = 0x2b;
const SLASH = 0x2f;
