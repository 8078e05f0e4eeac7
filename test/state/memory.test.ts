import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import { Memory } from "../../src/state/memory.js";

function memoryAt(memoryPercentMax: number, ...percents: readonly number[]): Memory {
  const memory = new Memory({ ...DEFAULT_LIMITS, memoryPercentMax });
  for (const percent of percents) memory.note(percent);
  return memory;
}

describe("Memory", () => {
  it("[I12] is tight from the limit on, until five percent less are used", () => {
    expect(memoryAt(85).isTight).toBe(false);
    expect(memoryAt(85, 84).isTight).toBe(false);
    expect(memoryAt(85, 85).isTight).toBe(true);
    expect(memoryAt(85, 85, 80).isTight).toBe(true);
    expect(memoryAt(85, 85, 79).isTight).toBe(false);
    expect(memoryAt(85, 80).isTight).toBe(false);
  });

  it("[I12] is never tight where the limit is 100", () => {
    expect(memoryAt(100, 120).isTight).toBe(false);
  });

  it("[I12] stops the largest queues first, and all of them half-way to the end", () => {
    expect(memoryAt(80, 79).mayQueue(1e9, 1e6)).toBe(true);
    const tight = memoryAt(80, 89);
    expect(tight.mayQueue(64 * 1024 - 1, 99)).toBe(true);
    expect(tight.mayQueue(64 * 1024, 1)).toBe(false);
    expect(tight.mayQueue(100, 100)).toBe(false);
    expect(memoryAt(80, 90).mayQueue(0, 0)).toBe(false);
  });
});
