import { describe, expect, it } from "vitest";
import { isRoomy, keyAt, nodeCount, nodesOf, numberAt } from "../../src/store/lmdb-node.js";

const ANY = { least: undefined, before: undefined };

/** A leaf page with these keys, each with a value of one byte. */
function leaf(...keys: string[]): Buffer {
  const page = Buffer.alloc(512);
  let at = page.length;
  page.writeUInt16LE(2 * keys.length, 20);
  for (const [index, key] of keys.entries()) {
    at -= 8 + key.length + 1;
    page.writeUInt32LE(1, at);
    page.writeUInt16LE(key.length, at + 6);
    page.write(key, at + 8);
    page.writeUInt16LE(at - 24, 24 + 2 * index);
  }
  page.writeUInt16LE(at - 24, 22);
  return page;
}

describe("[D2] a page of LMDB", () => {
  it("has its records where it says, in the order of keys", () => {
    const page = leaf("a", "b", "cc");
    expect([isRoomy(page), nodeCount(page)]).toEqual([true, 3]);
    const nodes = nodesOf(page, true, false, ANY);
    expect(Array.isArray(nodes) && nodes.map((at) => keyAt(page, at).toString())).toEqual([
      "a",
      "b",
      "cc",
    ]);
    expect(nodesOf(leaf("b", "a"), true, false, ANY)).toBe("has its keys out of order");
    expect(nodesOf(leaf("a", "a"), true, false, ANY)).toBe("has its keys out of order");
  });

  it("has keys that its parent says it has", () => {
    const [least, before] = [Buffer.from("b"), Buffer.from("d")];
    expect(nodesOf(leaf("b", "c"), true, false, { least, before })).toHaveLength(2);
    for (const keys of [
      ["a", "c"],
      ["b", "d"],
    ]) {
      expect(nodesOf(leaf(...keys), true, false, { least, before })).toBe(
        "has keys of another page",
      );
    }
  });

  it("has nothing outside of it", () => {
    for (const [at, value] of [
      [24, 500], // where the record is
      [24, 0],
      [511 - 8 - 1 + 6, 4_000], // the length of its key
      [511 - 8 - 1, 4_000], // the length of its value
    ] as const) {
      const page = leaf("a");
      page.writeUInt16LE(value, at);
      expect(nodesOf(page, true, false, ANY), `${at}`).toBe("has a record outside");
    }
    expect(isRoomy(Buffer.alloc(512))).toBe(false);
    expect(numberAt(Buffer.alloc(8, 0xff), 0)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });
});
