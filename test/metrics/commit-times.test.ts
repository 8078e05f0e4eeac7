import fc from "fast-check";
import { expect, it } from "vitest";
import { CommitTimes } from "../../src/metrics/commit-times.js";

it("knows nothing before a commit, and again after it was asked", () => {
  const times = new CommitTimes();
  expect(times.take()).toBeUndefined();
  times.note(0.001);
  expect(times.take()).toBeDefined();
  expect(times.take()).toBeUndefined();
});

it("gives quantiles that are at most a tenth too large", () => {
  const ms = fc.double({ min: 0.011, max: 30_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(ms, { minLength: 1, maxLength: 200 }), (values) => {
      const times = new CommitTimes();
      for (const value of values) times.note(value / 1_000);
      const sorted = [...values].sort((a, b) => a - b);
      const exact = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
      const { p50Ms, p99Ms } = times.take() ?? { p50Ms: 0, p99Ms: 0 };
      for (const [told, real] of [
        [p50Ms, exact(0.5)],
        [p99Ms, exact(0.99)],
      ] as const) {
        expect(told).toBeGreaterThanOrEqual(real * 0.999_999);
        expect(told).toBeLessThanOrEqual(real * 1.100_001);
      }
    }),
  );
});

it("has a place for no time at all, and for hours", () => {
  const times = new CommitTimes();
  times.note(0);
  expect(times.take()?.p50Ms).toBeCloseTo(0.01);
  times.note(36_000);
  expect(times.take()?.p50Ms).toBeGreaterThan(30_000);
});
