import { describe, expect, it } from "vitest";
import {
  commonLevels,
  dropBranch,
  getBranch,
  hasLevelAt,
  LevelNode,
  levelAt,
  levelEnd,
  ManyBranches,
  onlyBranch,
  putBranch,
} from "../../src/topic/level-node.js";

function nodeWith(...levels: readonly string[]): LevelNode<number> {
  const node = new LevelNode<number>("top", 4);
  for (const level of levels) putBranch(node, leaf(level));
  return node;
}

function leaf(level: string): LevelNode<number> {
  return new LevelNode<number>(`top/${level}`, 5 + level.length);
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `level ${i}`);

describe("the branches of a node", () => {
  it("are none at first", () => {
    const node = nodeWith();
    expect(getBranch(node, "a")).toBeUndefined();
    expect(onlyBranch(node)).toBeUndefined();
  });

  it.each([1, 2, 8, 9, 40])("are found by their first level when there are %i", (count) => {
    const node = nodeWith(...numbered(count));
    for (const level of numbered(count)) expect(getBranch(node, level)?.text).toBe(`top/${level}`);
    expect(getBranch(node, "level")).toBeUndefined();
    expect(getBranch(node, "level 00")).toBeUndefined();
    expect(getBranch(node, "")).toBeUndefined();
  });

  it.each([0, 20])("hold both wildcards beside %i others", (count) => {
    const node = nodeWith("+", ...numbered(count), "#");
    expect(getBranch(node, "+")?.text).toBe("top/+");
    expect(getBranch(node, "#")?.text).toBe("top/#");
    dropBranch(node, getBranch(node, "+") as LevelNode<number>);
    dropBranch(node, getBranch(node, "#") as LevelNode<number>);
    expect(getBranch(node, "+")).toBeUndefined();
    expect(getBranch(node, "#")).toBeUndefined();
    for (const level of numbered(count)) expect(getBranch(node, level)).toBeDefined();
  });

  it.each([3, 20])("take another one of the same first level as a replacement (%i)", (count) => {
    const node = nodeWith(...numbered(count));
    const other = new LevelNode<number>("top/level 1/below", 18);
    putBranch(node, other);
    expect(getBranch(node, "level 1")).toBe(other);
    for (const level of numbered(count)) dropBranch(node, getBranch(node, level) as typeof other);
    expect(node.branches).toBeUndefined();
  });

  it("are searched up to eight, looked up from nine on, and searched again when few are left", () => {
    const node = nodeWith(...numbered(8));
    expect(node.branches).toBeInstanceOf(Array);
    putBranch(node, leaf("+"));
    expect(node.branches).toBeInstanceOf(ManyBranches);
    for (const level of numbered(8).slice(0, 3)) {
      dropBranch(node, getBranch(node, level) as LevelNode<number>);
      expect(node.branches).toBeInstanceOf(ManyBranches); // not at once, lest it swings
    }
    putBranch(node, leaf("#"));
    dropBranch(node, getBranch(node, "level 3") as LevelNode<number>);
    expect(node.branches).toBeInstanceOf(Array);
    for (const level of ["+", "#", ...numbered(8).slice(4)]) {
      expect(getBranch(node, level)?.text).toBe(`top/${level}`);
    }
  });

  it("are never changed in place while they are few, so that a walk may go on", () => {
    const node = nodeWith("a", "b");
    const before = node.branches;
    putBranch(node, leaf("c"));
    dropBranch(node, getBranch(node, "a") as LevelNode<number>);
    expect((before as readonly LevelNode<number>[]).map(({ text }) => text)).toEqual([
      "top/a",
      "top/b",
    ]);
  });

  it("know when there is exactly one", () => {
    const node = nodeWith("a");
    expect(onlyBranch(node)?.text).toBe("top/a");
    putBranch(node, leaf("b"));
    expect(onlyBranch(node)).toBeUndefined();
    for (const level of numbered(9)) putBranch(node, leaf(level));
    expect(onlyBranch(node)).toBeUndefined();
  });

  it.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"])(
    "[C10] [C11] hold the level %s like any other",
    (word) => {
      for (const others of [numbered(1), numbered(20)]) {
        const node = nodeWith(...others);
        expect(getBranch(node, word)).toBeUndefined();
        putBranch(node, leaf(word));
        expect(getBranch(node, word)?.text).toBe(`top/${word}`);
      }
    },
  );

  it.each(["0", "4294967295", "-1", "1e3", ""])(
    "[C16] hold the level %j like any other",
    (level) => {
      const node = nodeWith(...numbered(20), level);
      expect(getBranch(node, level)?.text).toBe(`top/${level}`);
      dropBranch(node, getBranch(node, level) as LevelNode<number>);
      expect(getBranch(node, level)).toBeUndefined();
    },
  );
});

describe("levels of a text", () => {
  it("end at a separator or with the text", () => {
    expect(levelEnd("ab/c", 0)).toBe(2);
    expect(levelEnd("ab/c", 3)).toBe(4);
    expect(levelAt("ab//c", 3)).toBe("");
    expect(levelAt("ab//c", 4)).toBe("c");
    expect(levelAt("ab/", 3)).toBe("");
  });

  it("are compared whole", () => {
    expect(hasLevelAt("ab/c", 0, "ab")).toBe(true);
    expect(hasLevelAt("ab/c", 0, "a")).toBe(false);
    expect(hasLevelAt("ab/c", 3, "c")).toBe(true);
    expect(hasLevelAt("ab/", 3, "")).toBe(true);
  });

  it.each([
    ["a/b/c", "a/b/c", 6],
    ["a/b/c", "a/b/d", 4],
    ["a/b/c", "a/bb/c", 2],
    ["a/bb/c", "a/b/c", 2],
    ["a/b/c", "a/b", 4],
    ["a/b/c", "a", 2],
    ["a//c", "a/", 3],
    ["a/b", "x/b", 0],
  ])("[MQTT-4.7.3-4] part where %s and %s first differ", (one, other, agreed) => {
    expect(commonLevels(one, other, 0, one.length + 1)).toBe(agreed);
  });
});
