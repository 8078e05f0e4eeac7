import { type LevelNode, ManyBranches } from "../../src/topic/level-node.js";
import type { LevelTree } from "../../src/topic/level-tree.js";

/** The nodes below `node`, however they are held. */
export function branchesOf<V>({ branches }: LevelNode<V>): LevelNode<V>[] {
  if (!(branches instanceof ManyBranches)) return [...(branches ?? [])];
  const { literals, single, multi } = branches;
  return [...literals.values(), single, multi].filter((branch) => branch !== undefined);
}

/** The nodes of a tree but its root. */
export function countNodes<V>(tree: LevelTree<V>): number {
  let count = -1;
  for (const waiting = [tree.root]; waiting.length > 0; count++) {
    waiting.push(...branchesOf(waiting.pop() as LevelNode<V>)); // waiting is not empty
  }
  return count;
}

/** Each node as the path to it and its value, sorted: equal for trees of one shape. */
export function shapeOf<V>(tree: LevelTree<V>): string[] {
  const shape: string[] = [];
  for (const waiting = [tree.root]; waiting.length > 0; ) {
    const node = waiting.pop() as LevelNode<V>; // waiting is not empty
    shape.push(`${node.text} to ${node.to}: ${node.value}`);
    waiting.push(...branchesOf(node));
  }
  return shape.sort();
}
