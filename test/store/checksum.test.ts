import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../src/store/checksum.js";
import { bytesOf } from "../support/harness.js";

describe("CRC-32", () => {
  it("has the check value of its definition", () => {
    const bytes = bytesOf("123456789");
    expect(crc32(bytes, 0, bytes.length)).toBe(0xcbf43926);
  });

  it("looks at the given range only", () => {
    const bytes = bytesOf("xx123456789yy");
    expect(crc32(bytes, 2, 11)).toBe(0xcbf43926);
  });

  it("[J06] finds every flipped bit", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(bytes, fc.nat(), (original, pick) => {
        const bit = pick % (original.length * 8);
        const flipped = original.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(crc32(flipped, 0, flipped.length)).not.toBe(crc32(original, 0, original.length));
      }),
    );
  });
});
