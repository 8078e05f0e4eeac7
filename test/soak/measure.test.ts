import { describe, expect, it } from "vitest";
import {
  type Growth,
  growthPerHour,
  isFlat,
  leftOver,
  type Sample,
  sampleText,
} from "./measure.js";

function at(minutes: number, residentBytes: number): Sample {
  const open = { descriptors: 25, timers: 2, connections: 3 };
  const bytes = { residentBytes, ownBytes: 60e6, heapBytes: 1e6, v8Bytes: 2e6 };
  return { minutes, ...bytes, ...open, sessions: 7, subscriptions: 9 };
}

const resident = ({ residentBytes }: Sample): number => residentBytes;

describe("[D6] what a soak measures", () => {
  it("says how much grows in an hour, without the warm-up", () => {
    const samples = [at(0, 1), at(1, 50e6), at(2, 99e6), at(3, 100e6), at(4, 101e6), at(5, 102e6)];
    // A million bytes a minute, of 101 on average.
    expect(growthPerHour(samples.slice(0, 5), resident)?.percent).toBeCloseTo(60, 0);
    expect(growthPerHour(samples, resident)?.percent).toBeCloseTo((60 / 100.5) * 100, 0);
    expect(growthPerHour(samples, resident)?.plusMinus).toBeCloseTo(0);
  });

  it("sees nothing where nothing grows, and says nothing of too few samples", () => {
    const flat = [0, 1, 2, 3, 4, 5].map((minute) => at(minute, 80e6));
    expect(growthPerHour(flat, resident)).toEqual({ percent: 0, plusMinus: 0 });
    expect(growthPerHour(flat.slice(0, 3), resident)).toBeUndefined();
  });

  it("takes ups and downs for no growth, and growth beyond them for growth", () => {
    const upAndDown = Array.from({ length: 30 }, (_, minute) =>
      at(minute, 80e6 + (minute % 2) * 1e6),
    );
    const noise = growthPerHour(upAndDown, resident) as Growth;
    expect(noise.plusMinus).toBeGreaterThan(1);
    expect(isFlat(noise, 1)).toBe(true);
    const leak = upAndDown.map((sample, minute) =>
      at(minute, sample.residentBytes + minute * 50e3),
    );
    expect(isFlat(growthPerHour(leak, resident) as Growth, 1)).toBe(false);
  });

  it("says what is left when everybody has gone", () => {
    const before = { ...at(0, 1), connections: 0 };
    expect(leftOver(before, { ...before, descriptors: 24 })).toBe(undefined);
    const after = { ...before, descriptors: 27, timers: 3, connections: 1 };
    expect(leftOver(before, after)).toBe("2 descriptors, 1 timers, 1 connections");
  });

  it("prints a line a sample", () => {
    expect(sampleText(at(1.5, 80e6))).toBe(
      "minute   1.5  resident 80.0 MB  without files 60.0 MB  heap 1.0 MB  of V8 2.0 MB  " +
        "descriptors 25  timers 2  connections 3  sessions 7  subscriptions 9",
    );
  });
});
