import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkRemainingLength,
  fixedHeaderSize,
  REMAINING_LENGTH_MAX,
  remainingLengthAt,
  remainingLengthSize,
  writeRemainingLength,
} from "../../../src/codec/frame/remaining-length.js";
import { wire } from "../../support/wire.js";

describe("Remaining Length, §2.2.3", () => {
  it.each([
    [0, wire`00`],
    [127, wire`7f`],
    [128, wire`80 01`],
    [16_383, wire`ff 7f`],
    [16_384, wire`80 80 01`],
    [2_097_151, wire`ff ff 7f`],
    [2_097_152, wire`80 80 80 01`],
    [REMAINING_LENGTH_MAX, wire`ff ff ff 7f`],
  ])("writes %i as the standard's table 2.4 has it", (length, expected) => {
    const target = new Uint8Array(6);
    expect(remainingLengthSize(length)).toBe(expected.length);
    expect(writeRemainingLength(target, 1, length)).toBe(1 + expected.length);
    expect(target.slice(1, 1 + expected.length)).toEqual(expected);
    expect(fixedHeaderSize(target, 0, 6)).toBe(1 + expected.length);
    expect(remainingLengthAt(target, 0, 1 + expected.length)).toBe(length);
  });

  it("reads what it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: REMAINING_LENGTH_MAX }), (length) => {
        const target = new Uint8Array(8);
        const end = writeRemainingLength(target, 1, length);
        expect(end - 1).toBe(remainingLengthSize(length));
        expect(remainingLengthAt(target, 0, fixedHeaderSize(target, 0, 8))).toBe(length);
        for (let limit = 0; limit < end; limit++) expect(fixedHeaderSize(target, 0, limit)).toBe(0);
      }),
    );
  });

  it("[A04] refuses a fifth byte when it is announced", () => {
    const bytes = wire`00 30 ff ff ff ff`;
    expect(fixedHeaderSize(bytes, 1, 5)).toBe(0);
    expect(() => fixedHeaderSize(bytes, 1, 6)).toThrow(
      expect.objectContaining({ code: "malformed-remaining-length", at: 4 }),
    );
  });

  it("may be as large as four bytes say, and no larger", () => {
    expect(() => checkRemainingLength(REMAINING_LENGTH_MAX)).not.toThrow();
    expect(() => checkRemainingLength(REMAINING_LENGTH_MAX + 1)).toThrow(
      /^Remaining Length must be at most 268435455, got 268435456$/,
    );
  });

  it("[A05] reads padded lengths", () => {
    expect(fixedHeaderSize(wire`c0 80 80 00`, 0, 4)).toBe(4);
    expect(remainingLengthAt(wire`c0 85 80 00`, 0, 4)).toBe(5);
  });
});
