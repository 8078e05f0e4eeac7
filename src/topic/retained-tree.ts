import { getBranch, hasLevelAt, type LevelNode, levelEnd, ManyBranches } from "./level-node.js";
import { LevelTree } from "./level-tree.js";
import { OrderedMap } from "./ordered-map.js";
import { TextMap } from "./text-map.js";
import { hasWildcard } from "./topic-filter.js";
import { startsWithDollar } from "./topic-name.js";

/**
 * Topic Name -> retained value, asked by Topic Name (one Map lookup) or by Topic Filter (a walk).
 * §3.3.1.3. Names and filters must be valid: they were checked where they came in. A value is never
 * `undefined`.
 */
export class RetainedTree<M> {
  readonly #nodes = new TextMap<LevelNode<M>>();
  readonly #tree = new LevelTree<M>();
  readonly #order = new OrderedMap<LevelNode<M>>();

  /** Values held. */
  get size(): number {
    return this.#nodes.size;
  }

  /** The value under exactly this name. O(1). */
  get(topicName: string): M | undefined {
    return this.#nodes.get(topicName)?.value;
  }

  /**
   * Visits Topic Names and values in order, from one name on, until `visit` says false: to read some
   * now, and go on from there another time. The tree may not change meanwhile. O(log n), then O(1) each.
   *
   * @returns whether it came to the end.
   */
  walk(from: string, visit: (topicName: string, value: M) => boolean): boolean {
    return this.#order.walk(from, (topicName, { value }) => visit(topicName, value as M)); // it has one
  }

  /** @returns The value it replaced, if any. O(1) when it replaces one, else O(length * log n). */
  set(topicName: string, value: M): M | undefined {
    let node = this.#nodes.get(topicName);
    if (node === undefined) {
      node = this.#tree.reach(topicName);
      this.#nodes.set(topicName, node);
      this.#order.set(topicName, node);
    }
    const previous = node.value;
    node.value = value;
    return previous;
  }

  /** @returns The value it took away, if any. O(length * log n). */
  delete(topicName: string): M | undefined {
    if (!this.#nodes.delete(topicName)) return undefined;
    this.#order.delete(topicName);
    return this.#tree.delete(topicName);
  }

  /**
   * Begins a walk over all values whose name the filter matches, in no particular order. The tree
   * may change meanwhile: what it holds during the whole walk is found exactly once, what was
   * deleted before the walk got there is not found, what is new may or may not be.
   */
  cursor(topicFilter: string): RetainedCursor<M> {
    if (hasWildcard(topicFilter))
      return new RetainedCursor(topicFilter.split("/"), this.#tree.root);
    return new RetainedCursor([], this.#nodes.get(topicFilter));
  }
}

/** A walk through the retained values that a filter matches, in slices. */
export class RetainedCursor<M> {
  readonly #levels: readonly string[];
  readonly #frames: Frame<M>[] = [];
  /** Where the walk begins; `undefined` once it did. */
  #start: LevelNode<M> | undefined;

  /** Use {@link RetainedTree.cursor}. Without `levels`, `start` alone is the result. */
  constructor(levels: readonly string[], start: LevelNode<M> | undefined) {
    this.#levels = levels;
    this.#start = start;
  }

  /**
   * Appends up to `countMax` more values (at least 1) and looks at no more than
   * `10 * countMax + 64` nodes, so that a slice stays short even where little matches. [D18]
   *
   * @returns true: there may be more; false: that was all.
   */
  next(countMax: number, into: M[]): boolean {
    const lengthMax = into.length + countMax;
    let visitsLeft = NODES_PER_VALUE * countMax + NODES_PER_SLICE;
    if (this.#start !== undefined) {
      this.#descend(this.#start, 0, into);
      this.#start = undefined;
    }
    while (this.#frames.length > 0 && into.length < lengthMax && visitsLeft > 0) {
      visitsLeft--;
      this.#advance(into);
    }
    return this.#frames.length > 0;
  }

  #advance(into: M[]): void {
    const frame = this.#frames[this.#frames.length - 1] as Frame<M>; // next() saw that there is one
    const { value: node } = frame.nodes.next();
    if (node === undefined) {
      this.#frames.pop();
      return;
    }
    if (frame.from === 0 && startsWithDollar(node.text)) return; // [MQTT-4.7.2-1]
    const depth = this.#matchLevels(node, frame.from, frame.depth);
    if (depth !== -1) this.#descend(node, depth, into);
  }

  /** Goes on from a node that the filter matches down to, but without, the level at `depth`. */
  #descend(start: LevelNode<M>, startDepth: number, into: M[]): void {
    let node = start;
    let depth = startDepth;
    let level = this.#levels[depth];
    while (level !== undefined && level !== "+" && level !== "#") {
      const branch = getBranch(node, level);
      if (branch === undefined) return;
      depth = this.#matchLevels(branch, node.to, depth);
      if (depth === -1) return;
      node = branch;
      level = this.#levels[depth];
    }
    if (level !== "+" && node.value !== undefined) into.push(node.value); // `a/#` matches `a`
    const { branches, to } = node;
    if (level === undefined || branches === undefined) return;
    const all = branches instanceof ManyBranches ? branches.literals : branches; // no wildcards here
    this.#frames.push({ nodes: all.values(), from: to, depth });
  }

  /**
   * Matches the levels of the path to `node`, from `from` on, against the filter's from `depth` on.
   *
   * @returns The depth of the filter's next level; -1 when they do not match.
   */
  #matchLevels(node: LevelNode<M>, from: number, depth: number): number {
    for (let at = from; at < node.to; depth++) {
      const level = this.#levels[depth];
      if (level === "#") return depth; // takes all that is below
      if (level === undefined) return -1;
      if (level !== "+" && !hasLevelAt(node.text, at, level)) return -1; // [MQTT-4.7.3-4]
      at = levelEnd(node.text, at) + 1;
    }
    return depth;
  }
}

/** Branches of one node that are still to be visited. */
interface Frame<M> {
  readonly nodes: Iterator<LevelNode<M>, undefined>;
  /** Where in their texts the level begins by which they part. */
  readonly from: number;
  /** The filter's level, a wildcard, that this level is to match. */
  readonly depth: number;
}

const NODES_PER_VALUE = 10;
const NODES_PER_SLICE = 64;
