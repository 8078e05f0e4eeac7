import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { levelKey, mapKey, textOfKey } from "../../src/topic/map-key.js";

/** What V8 may take for an array index, and hash by its value alone. */
const indexLike = /^\d{1,10}$/;

describe("mapKey", () => {
  it.each(["0", "7", "9", "99", "4294967294", "4294967295", "1e3", "9a"])(
    "[C15] [C16] gives %s a key that is no array index",
    (text) => {
      expect(mapKey(text)).not.toMatch(indexLike);
    },
  );

  it.each(["a", "", "-1", "a/1", "12345678901", "__proto__"])(
    "[C11] leaves %j as it is",
    (text) => {
      expect(mapKey(text)).toBe(text);
    },
  );

  it("[C16] gives different texts without U+0000 different keys, and gives the texts back", () => {
    const text = fc.string({ unit: fc.constantFrom("0", "1", "/", "a"), maxLength: 4 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(mapKey(one) === mapKey(other)).toBe(one === other);
        expect(textOfKey(mapKey(one))).toBe(one);
      }),
    );
  });
});

describe("levelKey", () => {
  it("[C15] [C16] cuts a level out so that it is no array index, wherever it stands", () => {
    expect(levelKey("12/34/56", 0, 2)).toBe("/12");
    expect(levelKey("12/34/56", 3, 5)).toBe("/34");
    expect(levelKey("12/34/56", 6, 8)).toBe("/56");
    expect(levelKey("//", 1, 1)).toBe("/");
  });
});
