import { flatCopy } from "./flat-copy.js";
import {
  commonLevels,
  dropBranch,
  getBranch,
  LevelNode,
  levelAt,
  onlyBranch,
  putBranch,
} from "./level-node.js";

/**
 * A path-compressed tree of topic levels: the shape under the subscription trie and the retained
 * tree, which only differ in how they walk it. Wildcards are levels like others here.
 *
 * A node exists only where a text ends or where texts part, so n texts make fewer than 2n nodes,
 * no matter how many levels each has. Nodes that nothing needs go at once. [D10] [D12] [D14]
 *
 * Measured against a node with a Map for each level, in bytes a Subscription: 166 for 926 with one
 * filter `sites/7/devices/{id}/+` each, 407 for 26,041 with 126 levels that only two filters share.
 */
export class LevelTree<V> {
  /** Before the first level; holds no value. */
  readonly root = new LevelNode<V>("", 0);

  /** The node where `text` ends, if any; it may hold no value. O(length). */
  find(text: string): LevelNode<V> | undefined {
    let node: LevelNode<V> | undefined = this.root;
    while (node !== undefined && node.to <= text.length) node = nextAlong(node, text);
    return node;
  }

  /** The node where `text` ends, made if need be: give it a value at once. O(length). */
  reach(text: string): LevelNode<V> {
    let node = this.root;
    while (node.to <= text.length) {
      const branch = getBranch(node, levelAt(text, node.to));
      node = branch === undefined ? addLeaf(node, text) : goAlong(node, branch, text);
    }
    return node;
  }

  /** Takes the value at `text` away. O(length). */
  delete(text: string): V | undefined {
    const trail: LevelNode<V>[] = [this.root];
    let node: LevelNode<V> | undefined = this.root;
    while (node.to <= text.length) {
      node = nextAlong(node, text);
      if (node === undefined) return undefined;
      trail.push(node);
    }
    const { value } = node;
    node.value = undefined;
    prune(trail);
    return value;
  }
}

function nextAlong<V>(node: LevelNode<V>, text: string): LevelNode<V> | undefined {
  const branch = getBranch(node, levelAt(text, node.to));
  if (branch === undefined) return undefined;
  return commonLevels(branch.text, text, node.to, branch.to) === branch.to ? branch : undefined;
}

function addLeaf<V>(parent: LevelNode<V>, text: string): LevelNode<V> {
  const leaf = new LevelNode<V>(text, text.length + 1);
  putBranch(parent, leaf);
  return leaf;
}

/** The branch, when `text` has all its levels; else a new node in between, where they part. */
function goAlong<V>(parent: LevelNode<V>, branch: LevelNode<V>, text: string): LevelNode<V> {
  const agreed = commonLevels(branch.text, text, parent.to, branch.to);
  if (agreed === branch.to) return branch;
  const fork = new LevelNode<V>(flatCopy(text.substring(0, agreed - 1)), agreed);
  fork.branches = [branch];
  putBranch(parent, fork);
  return fork;
}

/** Removes what the last node of the trail, now without a value, leaves useless. */
function prune<V>(trail: readonly LevelNode<V>[]): void {
  const last = trail.length - 1;
  const node = trail[last] as LevelNode<V>; // the root and the node of a text at least
  const parent = trail[last - 1] as LevelNode<V>;
  if (node.branches !== undefined) {
    joinPaths(parent, node);
    return;
  }
  dropBranch(parent, node);
  if (last > 1) joinPaths(trail[last - 2] as LevelNode<V>, parent);
}

/** Puts the only branch of `node` into its place, when no text ends at `node` itself. */
function joinPaths<V>(parent: LevelNode<V>, node: LevelNode<V>): void {
  const only = onlyBranch(node);
  // The node keeps its branch, for walks that are about to enter it.
  if (node.value === undefined && only !== undefined) putBranch(parent, only);
}
