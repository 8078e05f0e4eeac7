import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WINDOW_LEAST, Window } from "../../src/session/window.js";

const LIMITS = { inFlightCeiling: 1_024, windowGrowMs: 1_000 };

/** Acknowledges `count` messages, each `everyMs` after the one before. @returns the time then. */
function acknowledge(window: Window, count: number, fromMs: number, everyMs: number): number {
  let nowMs = fromMs;
  for (let done = 0; done < count; done += 1) {
    window.acknowledged(nowMs + everyMs, nowMs, true, LIMITS);
    nowMs += everyMs;
  }
  return nowMs;
}

describe("[M16] a window", () => {
  it("doubles whenever a whole one was acknowledged in time, up to the ceiling", () => {
    const window = new Window(0);
    const sizes: number[] = [];
    for (let rounds = 0, nowMs = 0; rounds < 7; rounds += 1) {
      nowMs = acknowledge(window, window.size, nowMs, 0.5);
      sizes.push(window.size);
    }
    expect(sizes).toEqual([64, 128, 256, 512, 1_024, 1_024, 1_024]);
  });

  it("stays while a whole one takes longer", () => {
    const window = new Window(0);
    acknowledge(window, 10 * WINDOW_LEAST, 0, 40);
    expect(window.size).toBe(WINDOW_LEAST);
  });

  it("stays while something is unsent", () => {
    const window = new Window(0);
    for (let done = 1; done <= 500; done += 1) window.acknowledged(done, done - 1, false, LIMITS);
    expect(window.size).toBe(WINDOW_LEAST);
  });

  it("counts from the beginning when something was unsent", () => {
    const window = new Window(0);
    acknowledge(window, WINDOW_LEAST - 1, 0, 1);
    window.acknowledged(40, 39, false, LIMITS);
    acknowledge(window, WINDOW_LEAST - 2, 40, 1);
    expect(window.size).toBe(WINDOW_LEAST);
    acknowledge(window, 1, 100, 1);
    expect(window.size).toBe(2 * WINDOW_LEAST);
  });

  it("counts from when it was opened, and to the end of the second", () => {
    const late = new Window(10_000);
    acknowledge(late, WINDOW_LEAST, 10_000, 0);
    expect(late.size).toBe(2 * WINDOW_LEAST);
    const window = new Window(0);
    acknowledge(window, WINDOW_LEAST - 1, 0, 0);
    window.acknowledged(1_000, 999, true, LIMITS);
    expect(window.size).toBe(2 * WINDOW_LEAST);
  });

  it("silence at 32 begins nothing anew", () => {
    const window = new Window(0);
    window.silent(1_900, 0, LIMITS);
    window.acknowledged(1_900, 1_899, true, LIMITS);
    acknowledge(window, WINDOW_LEAST - 1, 2_500, 0);
    expect(window.size).toBe(2 * WINDOW_LEAST);
  });

  it("is halved for each second of silence, not below 32", () => {
    const window = new Window(0);
    const nowMs = acknowledge(window, 32 + 64 + 128, 0, 0.1);
    expect(window.size).toBe(256);
    window.silent(nowMs + 1_000, nowMs, LIMITS);
    expect(window.size).toBe(256);
    window.silent(nowMs + 1_001, nowMs, LIMITS);
    expect(window.size).toBe(128);
    window.silent(nowMs + 1_500, nowMs, LIMITS);
    expect(window.size).toBe(128);
    window.acknowledged(nowMs + 60_000, nowMs, true, LIMITS);
    expect(window.size).toBe(WINDOW_LEAST);
  });

  it("never leaves 32 and the ceiling, whatever happens", () => {
    const happening = fc.tuple(fc.nat(3_000), fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(
        fc.array(happening, { maxLength: 3_000 }),
        fc.integer({ min: WINDOW_LEAST, max: 1_024 }),
        (happenings, inFlightCeiling) => {
          const limits = { inFlightCeiling, windowGrowMs: 1_000 };
          const window = new Window(0);
          let nowMs = 0;
          let progressMs = 0;
          for (const [passedMs, isSilent, isAllSent] of happenings) {
            nowMs += passedMs < 2_900 ? passedMs / 1_000 : passedMs;
            if (isSilent) {
              window.silent(nowMs, progressMs, limits);
            } else {
              window.acknowledged(nowMs, progressMs, isAllSent, limits);
              progressMs = nowMs;
            }
            expect(window.size).toBeGreaterThanOrEqual(WINDOW_LEAST);
            expect(window.size).toBeLessThanOrEqual(inFlightCeiling);
          }
        },
      ),
    );
  });
});
