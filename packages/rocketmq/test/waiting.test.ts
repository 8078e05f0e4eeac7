import { describe, expect, it, vi } from "vitest";
import { inTime, Pauses, pauseMs } from "../src/waiting.js";

describe("waiting", () => {
  it("grows with the failures, up to a bound", () => {
    expect([1, 2, 3, 6, 7, 50].map(pauseMs)).toEqual([100, 200, 400, 3_200, 5_000, 5_000]);
  });

  it("ends early when nobody has to wait any more", async () => {
    const pauses = new Pauses();
    const waiting = [pauses.wait(1_000_000), pauses.wait(0)];
    await waiting[1];
    pauses.end();
    await waiting[0];
    await pauses.wait(1_000_000);
  });

  it("for something else ends early, too, and leaves no timer behind", async () => {
    vi.useFakeTimers();
    const pauses = new Pauses();
    const never = new Promise<never>(() => undefined);
    expect(await pauses.inTime(Promise.resolve(1), 1_000_000, "")).toBe(1);
    await expect(pauses.inTime(Promise.reject(new Error("own")), 9, "")).rejects.toThrow("own");
    const late = expect(pauses.inTime(never, 9, "too long")).rejects.toThrow("too long");
    await vi.advanceTimersByTimeAsync(9);
    await late;
    const waits = expect(pauses.inTime(never, 1_000_000, "ended")).rejects.toThrow("ended");
    pauses.end();
    await waits;
    await expect(pauses.inTime(never, 1_000_000, "ended")).rejects.toThrow("ended");
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("ends with an error when it takes too long", async () => {
    await expect(inTime(new Promise(() => undefined), 1, "too long")).rejects.toThrow("too long");
    expect(await inTime(Promise.resolve(1), 1_000_000, "")).toBe(1);
    await expect(inTime(Promise.reject(new Error("own")), 1_000_000, "")).rejects.toThrow("own");
  });
});
