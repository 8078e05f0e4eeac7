import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  areLoadedFor,
  loadWords,
  setLoadedFor,
  words,
} from "../../../src/codec/text/text-words.js";

describe("the words of a string", () => {
  test("are its bytes, four at a time, the last ones overlapping, with or without a view", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(5), (content, at) => {
        const bytes = Uint8Array.from([...new Array(at).fill(7), ...content, 8, 9]);
        const end = at + content.length;
        const view = new DataView(bytes.buffer);
        const starts: number[] = [];
        for (let from = at; from + 4 < end; from += 4) starts.push(from);
        starts.push(end - 4);
        for (const some of [undefined, view]) {
          const count = loadWords(bytes, at, end, some);
          const found = [...words.subarray(0, count)];
          if (content.length >= 4) {
            expect(found).toEqual(starts.map((from) => view.getInt32(from, true)));
          } else {
            const filledUp = Uint8Array.from([...content, 0x61, 0x61, 0x61, 0x61]);
            expect(found).toEqual([new DataView(filledUp.buffer).getInt32(0, true)]);
          }
        }
      }),
    );
  });

  it("hold the longest string there is, 65,535 bytes", () => {
    const bytes = new Uint8Array(65_535).fill(0x62);
    bytes[65_534] = 0x63;
    for (const view of [undefined, new DataView(bytes.buffer)]) {
      words.fill(0);
      expect(loadWords(bytes, 0, 65_535, view)).toBe(16_384);
      expect(words[16_382]).toBe(0x62626262);
      expect(words[16_383]).toBe(0x63626262);
    }
  });

  it("are nobody's once others are loaded", () => {
    setLoadedFor(7);
    expect([areLoadedFor(7), areLoadedFor(8)]).toEqual([true, false]);
    loadWords(Uint8Array.of(1), 0, 1);
    expect(areLoadedFor(7)).toBe(false);
  });
});
