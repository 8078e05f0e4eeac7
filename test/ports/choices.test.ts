import { describe, expect, it } from "vitest";
import { allowedFor, isAllowed } from "../../src/options/check.js";
import { POINT_TO_POINT_ROWS, PROTOCOL_ROWS } from "../../src/ports/choices.js";

describe("the engine's choices", () => {
  it("[G16] a parent is one topic level that can address clients", () => {
    const { parents } = POINT_TO_POINT_ROWS;
    expect(isAllowed(parents, ["a", "b c", "a$"])).toBe(true);
    for (const wrong of ["", "$a", "a/b", "+", "a#", "a\0"]) {
      expect(isAllowed(parents, ["a", wrong])).toBe(false);
    }
    expect(allowedFor(parents)).toContain("single topic levels without + # / NUL");
  });

  it("[M8] what clients may publish to of $ topics starts with $", () => {
    expect(isAllowed(PROTOCOL_ROWS.dollarTopics, ["$own/", "$"])).toBe(true);
    expect(isAllowed(PROTOCOL_ROWS.dollarTopics, ["own"])).toBe(false);
  });

  it("cannot be changed", () => {
    expect(() => Object.assign(PROTOCOL_ROWS.mqtt31, { default: false })).toThrow(TypeError);
    expect(() => (PROTOCOL_ROWS.paddedLength.values as string[]).pop()).toThrow(TypeError);
  });
});
