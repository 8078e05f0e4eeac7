import { describe, expect, it } from "vitest";
import { ratioSpread, spreadOf } from "../../../bench/brokers/statistics.js";

describe("the spread", () => {
  it("is the median with the least and the most", () => {
    expect(spreadOf([3, 1, 10])).toEqual({ median: 3, min: 1, max: 10 });
    expect(spreadOf([4, 1, 10, 2])).toEqual({ median: 3, min: 1, max: 10 });
    expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 });
  });

  it("of nothing is nothing", () => {
    expect(spreadOf([])).toBeUndefined();
  });
});

describe("ratios", () => {
  it("are taken within each round, so that a slow round of both sides cancels out", () => {
    expect(ratioSpread([1, 10, 2], [2, 20, 8])).toEqual({ median: 0.5, min: 0.25, max: 0.5 });
  });

  it("leave out rounds in which either side has no figure", () => {
    expect(ratioSpread([1, undefined, 3], [2, 4, undefined])).toMatchObject({
      median: 0.5,
      max: 0.5,
    });
    expect(ratioSpread([1], [0])).toBeUndefined();
  });
});
