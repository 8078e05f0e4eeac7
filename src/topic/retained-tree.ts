import { hasWildcard } from "./topic-filter.js";
import { startsWithDollar } from "./topic-name.js";

/** Topic Name -> retained value, asked by Topic Filter. §3.3.1.3. */
export class RetainedTree<M> {
  readonly #byTopicName = new Map<string, M>();
  readonly #root = new Node();
  readonly #dollarRoot = new Node();

  get size(): number {
    return this.#byTopicName.size;
  }

  get(topicName: string): M | undefined {
    return this.#byTopicName.get(topicName);
  }

  /** @returns The value it replaced. */
  set(topicName: string, value: M): M | undefined {
    const previous = this.#byTopicName.get(topicName);
    const isNew = !this.#byTopicName.has(topicName);
    this.#byTopicName.set(topicName, value);
    if (!isNew) return previous;
    let node = this.#rootOf(topicName);
    for (const level of topicName.split("/")) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = new Node();
        node.children.set(level, child);
      }
      node = child;
    }
    node.topicName = topicName;
    return undefined;
  }

  /** @returns The value it removed. */
  delete(topicName: string): M | undefined {
    const previous = this.#byTopicName.get(topicName);
    if (!this.#byTopicName.delete(topicName)) return undefined;
    const levels = topicName.split("/");
    const path = [this.#rootOf(topicName)];
    for (const level of levels) {
      path.push(path[path.length - 1]?.children.get(level) as Node); // it was held
    }
    (path[levels.length] as Node).topicName = undefined;
    for (let depth = levels.length; depth > 0; depth--) {
      const node = path[depth] as Node;
      if (node.children.size > 0 || node.topicName !== undefined) break;
      path[depth - 1]?.children.delete(levels[depth - 1] as string);
    }
    return previous;
  }

  /** Walks lazily over everything the filter matches. */
  cursor(topicFilter: string): RetainedCursor<M> {
    const root = this.#rootOf(topicFilter);
    if (!hasWildcard(topicFilter)) {
      return new RetainedCursor(this.#byTopicName, [], root, topicFilter);
    }
    return new RetainedCursor(this.#byTopicName, topicFilter.split("/"), root, undefined);
  }

  #rootOf(topic: string): Node {
    return startsWithDollar(topic) ? this.#dollarRoot : this.#root;
  }
}

/** One walk over the retained values that a filter matches. */
export class RetainedCursor<M> {
  readonly #values: ReadonlyMap<string, M>;
  readonly #levels: readonly string[];
  readonly #frames: Frame[] = [];
  #exact: string | undefined;

  constructor(
    values: ReadonlyMap<string, M>,
    levels: readonly string[],
    root: Node,
    exact: string | undefined,
  ) {
    this.#values = values;
    this.#levels = levels;
    this.#exact = exact;
    if (exact === undefined) this.#enter(root, 0);
  }

  /** Appends at most `countMax` values; true: more may follow. */
  next(countMax: number, into: M[]): boolean {
    if (this.#exact !== undefined) {
      const value = this.#values.get(this.#exact);
      if (value !== undefined) into.push(value);
      this.#exact = undefined;
      return false;
    }
    const lengthMax = into.length + countMax;
    let steps = countMax * 10 + 64;
    while (this.#frames.length > 0 && into.length < lengthMax && steps-- > 0) this.#step(into);
    return this.#frames.length > 0;
  }

  #step(into: M[]): void {
    const frame = this.#frames[this.#frames.length - 1] as Frame;
    const { done, value: node } = frame.nodes.next();
    if (done) {
      this.#frames.pop();
      return;
    }
    const level = this.#levels[frame.depth];
    const isEnd = frame.depth + 1 >= this.#levels.length || this.#levels[frame.depth + 1] === "#";
    if ((level === undefined || level === "#" || isEnd) && node.topicName !== undefined) {
      const value = this.#values.get(node.topicName);
      if (value !== undefined) into.push(value);
    }
    this.#enter(node, level === "#" ? frame.depth : frame.depth + 1);
  }

  #enter(node: Node, depth: number): void {
    const level = this.#levels[depth];
    if (level === undefined) return;
    if (level === "#" || level === "+") {
      this.#frames.push({ nodes: node.children.values(), depth });
      return;
    }
    const child = node.children.get(level);
    if (child !== undefined) this.#frames.push({ nodes: [child].values(), depth });
  }
}

interface Frame {
  readonly nodes: Iterator<Node, unknown>;
  readonly depth: number;
}

class Node {
  readonly children = new Map<string, Node>();
  topicName: string | undefined = undefined;
}
