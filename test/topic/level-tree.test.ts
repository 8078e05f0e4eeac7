import { describe, expect, it } from "vitest";
import { LevelTree } from "../../src/topic/level-tree.js";
import { countNodes } from "./shape.js";

function treeOf(...texts: readonly string[]): LevelTree<string> {
  const tree = new LevelTree<string>();
  for (const text of texts) tree.reach(text).value = text;
  return tree;
}

describe("LevelTree", () => {
  it("finds a text where it ends and nowhere else", () => {
    const tree = treeOf("a/b/c");
    expect(tree.find("a/b/c")?.value).toBe("a/b/c");
    for (const text of ["a", "a/b", "a/b/c/", "a/b/c/d", "a/b/d", "b", "a/b/cc", "A/b/c"]) {
      expect(tree.find(text)).toBeUndefined();
      expect(tree.delete(text)).toBeUndefined();
    }
    expect(tree.find("a/b/c")?.value).toBe("a/b/c");
  });

  it("knows a place where texts part from one where a text ends", () => {
    const tree = treeOf("a/b/c", "a/b/d");
    expect(tree.find("a/b")?.value).toBeUndefined();
    expect(tree.find("a")).toBeUndefined();
    tree.reach("a/b").value = "a/b";
    expect(tree.find("a/b")?.value).toBe("a/b");
    expect(tree.delete("a/b")).toBe("a/b");
    expect(tree.find("a/b/c")?.value).toBe("a/b/c");
    expect(tree.find("a/b/d")?.value).toBe("a/b/d");
  });

  it("reaches the same node again", () => {
    const tree = treeOf("a/b");
    expect(tree.reach("a/b")).toBe(tree.find("a/b"));
  });

  it("keeps a text that ends where one of two paths goes away", () => {
    const tree = treeOf("a", "a/b", "a/c");
    tree.delete("a/b");
    expect(tree.find("a")?.value).toBe("a");
    expect(tree.find("a/c")?.value).toBe("a/c");
  });

  it("joins paths again where nothing parts them any more", () => {
    const tree = treeOf("a/b/c/d", "a/b/c/e", "a/x");
    expect(countNodes(tree)).toBe(5);
    tree.delete("a/b/c/e");
    expect(countNodes(tree)).toBe(3);
    tree.delete("a/x");
    expect(countNodes(tree)).toBe(1);
    tree.delete("a/b/c/d");
    expect(countNodes(tree)).toBe(0);
  });

  it("[D10] takes 32,769 levels without recursion and without a node for each", () => {
    const deep = "/".repeat(32_768);
    const tree = treeOf(deep, `${deep}a`, "/");
    expect(countNodes(tree)).toBe(4);
    for (const text of [deep, `${deep}a`, "/"]) expect(tree.delete(text)).toBe(text);
    expect(countNodes(tree)).toBe(0);
  });

  it("[D12] makes fewer than two nodes a text, however many levels they share", () => {
    const texts = Array.from({ length: 300 }, (_, i) => `${"a/".repeat(i % 120)}${i}/b/c`);
    expect(countNodes(treeOf(...texts))).toBeLessThan(2 * texts.length);
  });
});
