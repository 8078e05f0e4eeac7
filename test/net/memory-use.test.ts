import { expect, it } from "vitest";
import { memoryPercent } from "../../src/net/memory-use.js";

it("[I12] tells how much of the memory there may be is in use", () => {
  const before = memoryPercent();
  expect(Number.isInteger(before)).toBe(true);
  expect(before).toBeGreaterThanOrEqual(0);
  expect(before).toBeLessThan(100);
});
