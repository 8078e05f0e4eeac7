import { describe, expect, it } from "vitest";
import {
  busySeries,
  continued,
  HISTORY_MS,
  type History,
  latest,
  lonelyAt,
  NO_HISTORY,
  withZeros,
} from "../../src/console/history.js";

function history(times: number[], series: Record<string, (number | null)[]>): History {
  return { intervalSeconds: 2, times, series };
}

describe("history that goes on", () => {
  it("takes what is new, no sample twice", () => {
    const before = continued(NO_HISTORY, history([1, 2], { a: [10, 20] }));
    expect(continued(before, history([2, 3], { a: [20, 30] }))).toEqual(
      history([1, 2, 3], { a: [10, 20, 30] }),
    );
    expect(continued(before, history([1, 2], { a: [0, 0] }))).toBe(before);
  });

  it("has nothing where a series was not measured", () => {
    const before = history([1], { a: [1] });
    expect(continued(before, history([2], { b: [2] })).series).toEqual({
      ...{ a: [1, null], b: [null, 2] },
    });
  });

  it("forgets what is older than the charts", () => {
    const before = history([0, 1_000], { a: [1, 2] });
    const { times, series } = continued(before, history([HISTORY_MS + 1_000], { a: [3] }));
    expect(times).toEqual([1_000, HISTORY_MS + 1_000]);
    expect(series).toEqual({ a: [2, 3] });
    const much = continued(before, history([9 * HISTORY_MS], { a: [3] }));
    expect(much.series).toEqual({ a: [3] });
  });

  it("knows the latest value, and which series are busy", () => {
    const some = history([1, 2], { "d.a": [1, null], "d.b": [0, 5], "d.c": [0, 0], e: [9, 9] });
    expect(latest(some, "d.a")).toBe(1);
    expect(latest(some, "none")).toBeUndefined();
    expect(busySeries(some, "d.")).toEqual(["d.b", "d.a"]);
  });
});

it("finds the values that no line leads to", () => {
  expect(lonelyAt([1, null, 2, 3, null, undefined, 0])).toEqual([0, 6]);
  expect(lonelyAt([5])).toEqual([0]);
  expect(lonelyAt([null, 1, 2])).toEqual([]);
});

it("knows that nothing was dropped where no drop is told", () => {
  const drops = history([2, 4, 6], { "drops.age": [null, 1, null] });
  expect(withZeros(drops, "drops.age")).toEqual([0, 1, 0]);
  expect(withZeros(drops, "drops.other")).toEqual([0, 0, 0]);
});
