import { describe, expect, it } from "vitest";
import { RetainedTree } from "../../src/topic/retained-tree.js";
import { collector } from "../support/garbage.js";

function treeOf(...topicNames: readonly string[]): RetainedTree<string> {
  const tree = new RetainedTree<string>();
  for (const topicName of topicNames) tree.set(topicName, topicName);
  return tree;
}

function found<M>(tree: RetainedTree<M>, topicFilter: string, countMax = 1_000): M[] {
  const into: M[] = [];
  const cursor = tree.cursor(topicFilter);
  while (cursor.next(countMax, into));
  return into.sort();
}

describe("get, set and delete", () => {
  it("keep one value a Topic Name and return what was there", () => {
    const tree = new RetainedTree<string>();
    expect(tree.set("a/b", "one")).toBeUndefined();
    expect(tree.set("a/b", "two")).toBe("one");
    expect(tree.get("a/b")).toBe("two");
    expect(tree.size).toBe(1);
    expect(tree.delete("a/b")).toBe("two");
    expect(tree.delete("a/b")).toBeUndefined();
    expect(tree.get("a/b")).toBeUndefined();
    expect(tree.size).toBe(0);
  });

  it("[MQTT-4.7.3-4] [C08] know a name by its exact text", () => {
    const tree = treeOf("caf\u00e9", "a/b");
    for (const name of ["cafe\u0301", "A/b", "a/b/", "/a/b", "a", "a/"]) {
      expect(tree.get(name)).toBeUndefined();
      expect(tree.delete(name)).toBeUndefined();
    }
    expect(tree.size).toBe(2);
  });

  it.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"])(
    "[C10] [C11] treat %s as an ordinary name and level",
    (word) => {
      const tree = treeOf("a");
      expect(tree.get(word)).toBeUndefined();
      tree.set(word, "value");
      tree.set(`${word}/${word}`, "below");
      expect(tree.get(word)).toBe("value");
      expect(found(tree, `${word}/#`)).toEqual(["below", "value"]);
      expect(tree.delete(word)).toBe("value");
      expect(found(tree, "#")).toEqual(["a", "below"]);
    },
  );

  it.each(["0", "4294967295", "-1", "1e3", "00"])("[C16] treat %s as the text it is", (word) => {
    const tree = treeOf("1", "01", word, `${word}/x`);
    expect(found(tree, word)).toEqual([word]);
    expect(found(tree, `${word}/+`)).toEqual([`${word}/x`]);
    expect(tree.delete(word)).toBe(word);
    expect(tree.get(word)).toBeUndefined();
    expect(tree.size).toBe(3);
  });
});

describe("walk", () => {
  it("visits names in their order from one on, until it is told to stop", () => {
    const tree = treeOf("b", "a/b", "a", "c");
    tree.set("a/b", "another");
    const seen: string[] = [];
    const isThrough = tree.walk("a/", (topicName, value) => {
      seen.push(`${topicName}: ${value}`);
      return true;
    });
    expect(isThrough).toBe(true);
    expect(seen).toEqual(["a/b: another", "b: b", "c: c"]);
    expect(tree.walk("", () => false)).toBe(false);
    tree.delete("a/b");
    expect(tree.walk("b", (topicName) => topicName !== "c")).toBe(false);
  });
});

describe("a cursor", () => {
  it("finds the one value of a filter without a wildcard", () => {
    const tree = treeOf("a", "a/b", "a/b/c");
    expect(found(tree, "a/b")).toEqual(["a/b"]);
    expect(found(tree, "a/c")).toEqual([]);
  });

  it("[MQTT-4.7.1-2] finds # at its parent level and below", () => {
    const tree = treeOf("a", "a/b", "a/b/c", "ab", "b/a", "a/");
    expect(found(tree, "a/#")).toEqual(["a", "a/", "a/b", "a/b/c"]);
    expect(found(tree, "#")).toHaveLength(6);
    expect(found(tree, "+/#")).toHaveLength(6);
    expect(found(tree, "+/b/#")).toEqual(["a/b", "a/b/c"]);
    expect(found(tree, "c/#")).toEqual([]);
  });

  it("[MQTT-4.7.1-3] finds + for exactly one level, an empty one too", () => {
    const tree = treeOf("a", "a/b", "a/b/c", "/b", "a/", "a//c", "x/b/c/d");
    expect(found(tree, "+")).toEqual(["a"]);
    expect(found(tree, "a/+")).toEqual(["a/", "a/b"]);
    expect(found(tree, "+/b")).toEqual(["/b", "a/b"]);
    expect(found(tree, "a/+/c")).toEqual(["a//c", "a/b/c"]);
    expect(found(tree, "+/+/+/+")).toEqual(["x/b/c/d"]);
    expect(found(tree, "x/b/+")).toEqual([]);
    expect(found(tree, "x/c/+/d")).toEqual([]);
    expect(found(treeOf("x/y/b/c", "x/y/d"), "+/b/c")).toEqual([]);
    expect(found(treeOf("a/undefined"), "+")).toEqual([]);
  });

  it("[MQTT-4.7.2-1] keeps wildcards off $ names", () => {
    const tree = treeOf("$SYS/x", "$SYS", "$other", "a/$x", "a");
    expect(found(tree, "#")).toEqual(["a", "a/$x"]);
    expect(found(tree, "+")).toEqual(["a"]);
    expect(found(tree, "+/#")).toEqual(["a", "a/$x"]);
    expect(found(tree, "+/x")).toEqual([]);
    expect(found(tree, "$SYS/#")).toEqual(["$SYS", "$SYS/x"]);
    expect(found(tree, "$SYS/+")).toEqual(["$SYS/x"]);
    expect(found(tree, "a/+")).toEqual(["a/$x"]);
  });

  it("appends to what the caller has, up to so many more", () => {
    const tree = treeOf("a", "b", "c");
    const into = ["before"];
    const cursor = tree.cursor("+");
    expect(cursor.next(2, into)).toBe(true);
    expect(into).toHaveLength(3);
    while (cursor.next(2, into));
    expect(into).toEqual(["before", "a", "b", "c"]);
  });

  it("finds nothing more once it is through", () => {
    const tree = treeOf("a");
    for (const filter of ["a", "+"]) {
      const cursor = tree.cursor(filter);
      const into: string[] = [];
      while (cursor.next(10, into));
      expect(cursor.next(10, into)).toBe(false);
      expect(into).toEqual(["a"]);
    }
  });

  it("does not find what was deleted before it got there", () => {
    const tree = treeOf("a/1", "a/2", "b/1", "c");
    const cursor = tree.cursor("#");
    const into: string[] = [];
    cursor.next(1, into);
    for (const name of ["a/1", "a/2", "b/1", "c"]) if (!into.includes(name)) tree.delete(name);
    while (cursor.next(1, into));
    expect(into).toHaveLength(1);
  });

  it("finds what stays below a node that leaves the tree before it got there", () => {
    const tree = treeOf("x", "a/1", "a/2");
    const cursor = tree.cursor("#");
    const into: string[] = [];
    cursor.next(1, into);
    expect(into).toEqual(["x"]);
    tree.delete("a/2"); // a/1 now hangs where a was
    while (cursor.next(1, into));
    expect(into).toEqual(["x", "a/1"]);
  });

  it("finds what stays although the paths to it join and part meanwhile", () => {
    const tree = treeOf("a/b/1", "a/b/2", "a/b/3", "a/c");
    const cursor = tree.cursor("a/+/+");
    const into: string[] = [];
    cursor.next(1, into);
    for (const name of ["a/b/1", "a/b/2", "a/c"]) tree.delete(name);
    tree.set("a/b/3/x", "new");
    tree.set("a", "new");
    while (cursor.next(1, into));
    expect(into.filter((value) => value === "a/b/3")).toHaveLength(1);
  });
});

describe("bounds", () => {
  const many = 100_000;
  const tree = treeOf(...Array.from({ length: many }, (_, i) => `device/${i}/state`));

  it("[D18] serves # over 100,000 values in slices of the size asked for", () => {
    const cursor = tree.cursor("#");
    const into: string[] = [];
    let total = 0;
    let more = true;
    while (more) {
      more = cursor.next(100, into);
      expect(into.length).toBeLessThanOrEqual(100);
      total += into.length;
      into.length = 0;
    }
    expect(total).toBe(many);
  });

  it("[D18] leaves off after so many nodes where little or nothing matches", () => {
    const cursor = tree.cursor("device/+/none");
    const into: string[] = [];
    let slices = 1;
    while (cursor.next(100, into)) slices++;
    expect(into).toEqual([]);
    expect(slices).toBeGreaterThanOrEqual(Math.floor(many / (10 * 100 + 64)));
    expect(slices).toBeLessThanOrEqual(Math.ceil(many / (10 * 100 + 64)) + 1);
  });

  it("[D18] looks at 74 nodes for one value, and at none more", () => {
    const withNodes = (count: number) =>
      treeOf(...Array.from({ length: count }, (_, i) => `${i}/x`)).cursor("+");
    expect(withNodes(73).next(1, [])).toBe(false); // the 74th look finds that there are no more
    expect(withNodes(74).next(1, [])).toBe(true);
  });

  it("[D18] does not look at what a filter's first levels exclude", () => {
    const cursor = tree.cursor("device/77/+");
    const into: string[] = [];
    expect(cursor.next(10, into) && cursor.next(10, into)).toBe(false);
    expect(into).toEqual(["device/77/state"]);
  });

  it("[D10] walks 32,769 levels without recursion", () => {
    const deep = "/".repeat(32_768);
    const deepTree = treeOf(deep, `${deep}a`, `${"/".repeat(16_384)}b`);
    expect(found(deepTree, "#")).toHaveLength(3);
    expect(found(deepTree, `${"+/".repeat(32_768)}+`)).toEqual([deep, `${deep}a`]);
    expect(deepTree.delete(deep)).toBe(deep);
    expect(deepTree.size).toBe(2);
  });

  it("[D14] does not grow under a loop of setting and deleting", () => {
    const small = treeOf("a/b", "a/b/c");
    const collect = collector();
    const round = (count: number) => {
      for (let i = 0; i < count; i++) {
        small.set(`loop/${i}/x`, "value");
        small.delete(`loop/${i}/x`);
      }
    };
    round(20_000);
    collect();
    const before = process.memoryUsage().heapUsed;
    round(100_000);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000); // 10 bytes a round
    expect(small.size).toBe(2);
  });

  it("[C15] [C16] takes 60,000 names and levels that are multiples of 65,536 in its stride", () => {
    const numbers = new RetainedTree<number>();
    const startedMs = performance.now();
    for (let i = 0; i < 60_000; i++) {
      numbers.set(String(i * 65_536), i);
      numbers.set(`a/${i * 65_536}`, i);
    }
    // A quarter of a second; a minute with a hash that a peer can foresee.
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(numbers.get(String(7 * 65_536))).toBe(7);
    expect(found(numbers, `+/${7 * 65_536}`)).toEqual([7]);
  });
});
