import { describe, expect, it } from "vitest";
import { flatCopy } from "../../src/topic/flat-copy.js";
import { collector } from "../support/garbage.js";

describe("flatCopy", () => {
  it("equals what it copies", () => {
    for (const text of ["", "a", "twelve chars", "more than twelve chars", "\u{1f600}".repeat(9)]) {
      expect(flatCopy(text)).toBe(text);
    }
  });

  it("[D12] does not keep the text alive that it was cut out of", () => {
    const collect = collector();
    collect();
    const before = process.memoryUsage().heapUsed;
    const kept = Array.from({ length: 500 }, (_, i) => {
      const filter = Buffer.alloc(60_000, `level number ${i} of a long filter/`).toString("latin1");
      return flatCopy(filter.substring(0, 30));
    });
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000); // 30 MB are held else
    expect(kept).toHaveLength(500);
  });
});
