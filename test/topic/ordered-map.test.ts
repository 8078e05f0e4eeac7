import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { OrderedMap } from "../../src/topic/ordered-map.js";

function all(texts: OrderedMap<string>, from = ""): string[] {
  const found: string[] = [];
  expect(
    texts.walk(from, (text, value) => {
      expect(value).toBe(`value of ${text}`);
      found.push(text);
      return true;
    }),
  ).toBe(true);
  return found;
}

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${at}`.padStart(5, "0"));

/** The same again and again in an order that has nothing to do with theirs. */
function shuffled<T>(items: readonly T[]): T[] {
  const step = 7_919; // prime: every item comes once, unless their number is a multiple of it
  return items.map((_, at) => items[(at * step) % items.length] as T);
}

test("OrderedMap is a sorted Map, after any changes", () => {
  const text = fc.constantFrom(
    "",
    "a",
    "a/",
    "a/b",
    "b",
    "\u{1f600}",
    "\uffff",
    "\ud83d",
    "0",
    "10",
  );
  const edit = fc.record({ isAdd: fc.boolean(), text });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 40 }), text, (edits, from) => {
      const texts = new OrderedMap<string>();
      const model = new Set<string>();
      for (const edit of edits) {
        const had = model.has(edit.text);
        if (edit.isAdd) texts.set(edit.text, `value of ${edit.text}`);
        else expect(texts.delete(edit.text)).toBe(had);
        if (edit.isAdd) model.add(edit.text);
        else model.delete(edit.text);
      }
      const sorted = [...model].sort();
      expect(texts.size).toBe(model.size);
      expect(all(texts)).toEqual(sorted);
      expect(all(texts, from)).toEqual(sorted.filter((text) => text >= from));
    }),
  );
});

describe("many texts", () => {
  it.each([
    ["in their order", numbered(3_000)],
    ["in the opposite order", numbered(3_000).reverse()],
    ["in no order", shuffled(numbered(3_000))],
  ])("are kept sorted when they come %s, and while they go", (_, texts) => {
    const ordered = new OrderedMap<string>();
    for (const text of texts) ordered.set(text, "another");
    for (const text of texts) ordered.set(text, `value of ${text}`);
    expect(ordered.size).toBe(3_000);
    expect(all(ordered)).toEqual(numbered(3_000));
    const gone = shuffled(texts).slice(0, 2_900);
    for (const [at, text] of gone.entries()) {
      expect(ordered.delete(text)).toBe(true);
      if (at % 500 === 0) {
        const left = new Set(gone.slice(0, at + 1));
        expect(all(ordered)).toEqual(numbered(3_000).filter((other) => !left.has(other)));
      }
    }
    expect(ordered.size).toBe(100);
    for (const text of all(ordered)) ordered.delete(text);
    expect(all(ordered)).toEqual([]);
    expect(ordered.delete("00000")).toBe(false);
  });

  it.each([
    ["from the first on", numbered(2_000)],
    ["from the last on", numbered(2_000).reverse()],
  ])("go %s, block by block", (_, texts) => {
    const ordered = new OrderedMap<string>();
    for (const text of shuffled(texts)) ordered.set(text, `value of ${text}`);
    for (const [at, text] of texts.entries()) {
      ordered.delete(text);
      if (at % 250 === 0) expect(all(ordered)).toEqual(texts.slice(at + 1).sort());
    }
    expect(ordered.size).toBe(0);
  });

  it("let a walk stop anywhere, and go on from there", () => {
    const ordered = new OrderedMap<string>();
    for (const text of numbered(2_000)) ordered.set(text, `value of ${text}`);
    const found: string[] = [];
    let isEnd = false;
    for (let after = ""; !isEnd; after = found.at(-1) ?? "") {
      let left = 7;
      isEnd = ordered.walk(after, (text) => {
        if (text === after) return true;
        if (left === 0) return false;
        left -= 1;
        found.push(text);
        return true;
      });
    }
    expect(found).toEqual(numbered(2_000));
  });
});
