import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";
import type { Outbound } from "../../src/session/outbound.js";
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
    expect(memoryAt(80, 79).refusal(waiting(1e9, 1e6), false)).toBeUndefined();
    const tight = memoryAt(80, 89);
    expect(tight.refusal(waiting(64 * 1024 - 1, 99), false)).toBeUndefined();
    expect(tight.refusal(waiting(64 * 1024, 1), false)).toBe("memory-full");
    expect(tight.refusal(waiting(100, 100), false)).toBe("memory-full");
    expect(memoryAt(80, 90).refusal(waiting(0, 0), false)).toBe("memory-full");
  });

  it("[I12] [T7] what has not been acknowledged counts as well, but little of it stops nobody", () => {
    const tight = memoryAt(80, 95);
    expect(tight.refusal(waiting(0, 0, 64 * 1024 - 1), true)).toBeUndefined();
    expect(tight.refusal(waiting(0, 0, 64 * 1024), true)).toBe("memory-full");
  });

  it("[T7] where queues take three quarters of what they may, those with much stop, at it all do", () => {
    const memory = new Memory({ ...DEFAULT_LIMITS, queueTotalBytesMax: 1_000 });
    const [much, little] = [waiting(64 * 1024, 1), waiting(1, 1)];
    memory.messages.used = 749;
    expect(memory.refusal(much, false)).toBeUndefined();
    memory.messages.used = 750;
    expect([memory.refusal(much, false), memory.refusal(much, true)]).toEqual([
      "queues-full",
      "queues-full",
    ]);
    memory.messages.used = 999;
    expect([memory.refusal(little, false), memory.isFull]).toEqual([undefined, false]);
    memory.messages.used = 1_000;
    expect([memory.refusal(little, false), memory.isFull]).toEqual(["queues-full", true]);
    expect(memory.refusal(little, true)).toBeUndefined(); // one on its way to whoever has little
  });
});

/** What a Session has in memory. */
function waiting(queuedBytes: number, queuedCount: number, inFlightBytes = 0): Outbound {
  return { queuedBytes, queuedCount, inFlightBytes } as Outbound; // all that is asked of it
}
