import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rangeOf } from "../src/options.js";

describe("the shares of several processes", () => {
  it("cover everything once, in order, and differ by one at most", () => {
    fc.assert(
      fc.property(fc.nat({ max: 10_000 }), fc.integer({ min: 1, max: 64 }), (total, of) => {
        const ranges = Array.from({ length: of }, (_, index) => rangeOf(total, { index, of }));
        let next = 0;
        for (const { from, count } of ranges) {
          expect(from).toBe(next);
          next = from + count;
        }
        expect(next).toBe(total);
        const counts = ranges.map(({ count }) => count);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
