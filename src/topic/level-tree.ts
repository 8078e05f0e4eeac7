/**
 * A path-compressed tree of topic levels: the shape under the subscription trie and the retained
 * tree, which only differ in how they walk it. Wildcards are ordinary levels here.
 *
 * A node exists only where a text ends or where texts part, so n texts make fewer than 2n nodes
 * however many levels they have: 128 levels of `a/a/a/...` cost a peer's victim no more than two.
 * The shape depends on the texts held alone, not on the edits that led there. [D10] [D12] [D14]
 */
export class LevelTree<V> {
  /** Before the first level; holds no value. */
  readonly root = new LevelNode<V>("", 0);

  /** The node where `text` ends; `undefined` when there is none. It may hold no value. O(length). */
  find(text: string): LevelNode<V> | undefined {
    let node: LevelNode<V> | undefined = this.root;
    while (node !== undefined && node.to <= text.length) node = childAlong(node, text);
    return node;
  }

  /** The node where `text` ends, made if need be: give it a value at once. O(length). */
  reach(text: string): LevelNode<V> {
    let node = this.root;
    while (node.to <= text.length) {
      const level = levelAt(text, node.to);
      const child = node.children?.get(level);
      node = child === undefined ? addLeaf(node, level, text) : meet(node, level, child, text);
    }
    node.text = text; // exactly the path to this node: what parted here before may be longer
    return node;
  }

  /** Takes the value at `text` away, and the nodes that nothing needs any more. O(length). */
  delete(text: string): V | undefined {
    const trail: LevelNode<V>[] = [this.root];
    let node: LevelNode<V> | undefined = this.root;
    while (node.to <= text.length) {
      node = childAlong(node, text);
      if (node === undefined) return undefined;
      trail.push(node);
    }
    const value = node.value;
    node.value = undefined;
    prune(trail, text);
    return value;
  }
}

/**
 * One place in the tree: reached by a level, the key under which its parent holds it, and then by
 * the levels that all texts below share.
 *
 * What it says never depends on its parent: a node may change its parent and its key (when paths
 * part or join again) while somebody walks the tree, and both the old and the new way to it stay
 * right. {@link RetainedCursor} lives on that.
 */
export class LevelNode<V> {
  /** A text that begins with the path to this node. */
  text: string;
  /** Where in `text` the level below this node begins: one past its end when none is left. */
  readonly to: number;
  value: V | undefined = undefined;
  children: Map<string, LevelNode<V>> | undefined = undefined;

  constructor(text: string, to: number) {
    this.text = text;
    this.to = to;
  }
}

/** Where the topic level that begins at `at` ends: at a separator, or at the end of the topic. */
export function levelEnd(topic: string, at: number): number {
  const end = topic.indexOf("/", at);
  return end === -1 ? topic.length : end;
}

function levelAt(text: string, at: number): string {
  return text.substring(at, levelEnd(text, at));
}

function childAlong<V>(node: LevelNode<V>, text: string): LevelNode<V> | undefined {
  const level = levelAt(text, node.to);
  const child = node.children?.get(level);
  if (child === undefined) return undefined;
  const agreed = commonLevels(child.text, text, node.to + level.length + 1, child.to);
  return agreed === child.to ? child : undefined;
}

function addLeaf<V>(parent: LevelNode<V>, level: string, text: string): LevelNode<V> {
  const leaf = new LevelNode<V>(text, text.length + 1);
  parent.children ??= new Map();
  parent.children.set(flatCopy(level), leaf);
  return leaf;
}

/** Goes on to `child` as far as it agrees with `text`; makes a node where they part. */
function meet<V>(
  parent: LevelNode<V>,
  level: string,
  child: LevelNode<V>,
  text: string,
): LevelNode<V> {
  const agreed = commonLevels(child.text, text, parent.to + level.length + 1, child.to);
  if (agreed === child.to) return child;
  const fork = new LevelNode<V>(flatCopy(text.substring(0, agreed - 1)), agreed);
  fork.children = new Map([[flatCopy(levelAt(child.text, agreed)), child]]);
  parent.children?.set(level, fork);
  return fork;
}

/**
 * Up to where the levels of `one`, from `from` to `to`, stand in `other` too: where the first level
 * that differs begins, or `to`. Both are equal before `from`.
 */
function commonLevels(one: string, other: string, from: number, to: number): number {
  let agreed = from;
  for (let at = from; at < to && agreed <= other.length; at++) {
    const isEnd = endsLevel(one, at);
    if (isEnd !== endsLevel(other, at)) return agreed;
    if (isEnd) agreed = at + 1;
    else if (one.charCodeAt(at) !== other.charCodeAt(at)) return agreed;
  }
  return agreed;
}

function endsLevel(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === SLASH;
}

function prune<V>(trail: readonly LevelNode<V>[], text: string): void {
  const last = trail.length - 1;
  const node = trail[last] as LevelNode<V>; // the trail has the root and at least one more
  const parent = trail[last - 1] as LevelNode<V>;
  if (node.children !== undefined) {
    joinPaths(parent, node, text);
    return;
  }
  const siblings = parent.children as Map<string, LevelNode<V>>; // node is one of them
  siblings.delete(levelAt(text, parent.to));
  if (siblings.size === 0) parent.children = undefined;
  if (last > 1) joinPaths(trail[last - 2] as LevelNode<V>, parent, text);
}

/** Takes `node` out of the path when no text ends there and only one goes through it. */
function joinPaths<V>(parent: LevelNode<V>, node: LevelNode<V>, text: string): void {
  if (node.value !== undefined || node.children?.size !== 1) return;
  for (const onlyChild of node.children.values()) {
    parent.children?.set(levelAt(text, parent.to), onlyChild);
  }
}

/**
 * A copy that does not keep a longer string alive: V8 makes a substring of 13 characters or more
 * a view of the whole, so a short level would hold on to a filter of 64 KiB.
 */
function flatCopy(text: string): string {
  return text.length < 13 ? text : [text.charAt(0), text.substring(1)].join("");
}

const SLASH = 0x2f;
