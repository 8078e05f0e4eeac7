import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Histogram } from "../src/histogram.js";

describe("the histogram", () => {
  it("is exact below 128", () => {
    const histogram = new Histogram();
    for (let value = 0; value < 100; value += 1) histogram.record(value);
    expect(histogram.percentiles()).toEqual({
      count: 100,
      mean: 49.5,
      p50: 49,
      p90: 89,
      p99: 98,
      p999: 99,
      max: 99,
    });
  });

  it("says 0 for everything when nothing was recorded", () => {
    expect(new Histogram().percentiles()).toEqual({
      count: 0,
      mean: 0,
      p50: 0,
      p90: 0,
      p99: 0,
      p999: 0,
      max: 0,
    });
  });

  it("keeps any quantile within 1.6 % above the sorted truth", () => {
    const values = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (recorded, share) => {
        const histogram = new Histogram();
        for (const value of recorded) histogram.record(value);
        const rank = Math.max(1, Math.ceil(share * recorded.length));
        const truth = recorded.toSorted((a, b) => a - b)[rank - 1] as number;
        expect(histogram.quantile(share)).toBeGreaterThanOrEqual(truth);
        expect(histogram.quantile(share)).toBeLessThanOrEqual(truth * (1 + 1 / 64));
      }),
    );
  });

  it("adds up what several processes recorded as if one had", () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 10_000_000 }));
    fc.assert(
      fc.property(numbers, numbers, (here, there) => {
        const [one, other, whole] = [new Histogram(), new Histogram(), new Histogram()];
        for (const value of here) one.record(value);
        for (const value of there) other.record(value);
        for (const value of [...here, ...there]) whole.record(value);
        one.merge(structuredClone(other.data()));
        expect(one.percentiles()).toEqual(whole.percentiles());
      }),
    );
  });
});
