import { describe, expect, it } from "vitest";
import { growthPercentPerHour, type Sample, sampleText } from "./measure.js";

function at(minutes: number, residentBytes: number): Sample {
  return { minutes, residentBytes, heapBytes: 1e6, handles: 5, connections: 3, sessions: 7 };
}

const resident = ({ residentBytes }: Sample): number => residentBytes;

describe("[D6] what a soak measures", () => {
  it("says how much grows in an hour, without the warm-up", () => {
    const samples = [at(0, 1), at(1, 50e6), at(2, 99e6), at(3, 100e6), at(4, 101e6), at(5, 102e6)];
    // A million bytes a minute, of 101 on average.
    expect(growthPercentPerHour(samples.slice(0, 5), resident)).toBeCloseTo(60, 0);
    expect(growthPercentPerHour(samples, resident)).toBeCloseTo((60 / 100.5) * 100, 0);
  });

  it("sees nothing where nothing grows, and says nothing of too few samples", () => {
    const flat = [0, 1, 2, 3, 4, 5].map((minute) => at(minute, 80e6));
    expect(growthPercentPerHour(flat, resident)).toBe(0);
    expect(growthPercentPerHour(flat.slice(0, 3), resident)).toBeUndefined();
  });

  it("prints a line a sample", () => {
    expect(sampleText(at(1.5, 80e6))).toBe(
      "minute   1.5  resident 80.0 MB  heap 1.0 MB  handles 5  connections 3  sessions 7",
    );
  });
});
