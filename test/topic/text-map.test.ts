import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { TextMap } from "../../src/topic/text-map.js";

/** Texts of few kinds and of all lengths that matter, so that the same come again and again. */
const text = fc
  .tuple(fc.constantFrom("", "0", "7", "a", "a/", "\u{1f600}"), fc.constantFrom(0, 1, 8_191, 8_192))
  .chain(([end, length]) =>
    fc.constantFrom("x".repeat(length), "x".repeat(2 * length)).map((head) => head + end),
  );

const edit = fc.record({
  what: fc.constantFrom("set", "set", "set", "delete", "clear" as const),
  text,
  value: fc.constantFrom(1, 2, undefined),
});

describe("TextMap", () => {
  it("[C15] [C16] [T4] is a Map: same content, same order, after any changes", () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 30 }), text, (edits, asked) => {
        const map = new TextMap<number | undefined>();
        const model = new Map<string, number | undefined>();
        for (const { what, text: key, value } of edits) {
          if (what === "set") {
            map.set(key, value);
            model.set(key, value);
          } else if (what === "delete") {
            expect(map.delete(key)).toBe(model.delete(key));
          } else if (edits.length % 5 === 0) {
            map.clear();
            model.clear();
          }
        }
        expect(map.size).toBe(model.size);
        expect(map.get(asked)).toBe(model.get(asked));
        expect(map.has(asked)).toBe(model.has(asked));
        expect([...map]).toEqual([...model]);
        expect([...map.keys()]).toEqual([...model.keys()]);
        expect([...map.values()]).toEqual([...model.values()]);
      }),
    );
  });

  it.each([8_192, 8_193, 16_384, 16_385])(
    "[T4] holds texts of %i characters as any other",
    (length) => {
      const [one, other] = ["x".repeat(length), "y".repeat(length)];
      const map = new TextMap<number>();
      expect(map.get(one)).toBeUndefined();
      expect(map.has(one)).toBe(false);
      expect(map.delete(one)).toBe(false);
      map.set("7", 7);
      map.set(one, 1);
      expect([map.has(one), map.has(other), map.get(other)]).toEqual([true, false, undefined]);
      map.set(other, 2);
      expect([...map]).toEqual([
        ["7", 7],
        [one, 1],
        [other, 2],
      ]);
      expect(map.delete(one)).toBe(true);
      expect([map.delete(one), map.has(one), map.size]).toEqual([false, false, 2]);
      map.clear();
      expect([map.has(other), map.size]).toEqual([false, 0]);
    },
  );

  it("[T4] asks V8 to hash nothing long, whatever the keys are", () => {
    const set = vi.spyOn(Map.prototype, "set");
    const get = vi.spyOn(Map.prototype, "get");
    const map = new TextMap<number>();
    for (const length of [8_192, 8_193, 16_383, 16_384, 65_535]) {
      map.set("x".repeat(length), length);
      expect(map.get("x".repeat(length))).toBe(length);
    }
    const keys = [...set.mock.calls, ...get.mock.calls].map(([key]) => key as string);
    vi.restoreAllMocks();
    expect(keys.length).toBeGreaterThan(10);
    expect(Math.max(...keys.map((key) => key.length))).toBeLessThanOrEqual(8_192);
  });
});
