import { describe, expect, it } from "vitest";
import { ToldMarks } from "../../src/presence/told-marks.js";

describe("how far a journal is told", () => {
  it("is as far as the sink has settled what it was given, and never goes back", () => {
    const marks = new ToldMarks();
    marks.add({ number: 3, given: 5, sequence: 10 });
    marks.add({ number: 4, given: 9, sequence: 11 });
    expect([marks.toldAt(4), marks.firstOpen]).toEqual([0, 10]);
    expect([marks.toldAt(5), marks.firstOpen, marks.areOpen]).toEqual([3, 11, true]);
    expect([marks.toldAt(100), marks.firstOpen, marks.areOpen]).toEqual([4, undefined, false]);
    expect(marks.toldAt(0)).toBe(4);
  });
});
