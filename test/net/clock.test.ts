import { expect, it } from "vitest";
import { nowMs } from "../../src/net/clock.js";

it("counts milliseconds, never back, and never 0", () => {
  const before = nowMs();
  const realBefore = performance.now();
  while (performance.now() < realBefore + 5);
  const after = nowMs();
  expect(before).toBeGreaterThan(0);
  expect([before, after].every(Number.isSafeInteger)).toBe(true);
  expect(after - before).toBeGreaterThanOrEqual(5);
  expect(after - before).toBeLessThan(5_000);
});
