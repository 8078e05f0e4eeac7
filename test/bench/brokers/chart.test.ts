import { describe, expect, it } from "vitest";
import { chartSvg } from "../../../bench/brokers/chart.js";

const bar = (series: string, value: number) => ({ series, value, min: value / 2, max: value * 2 });

const SERIES = ["a", "b", "c"];

/** Widths of the bars, in the order in which they are drawn. */
function widths(svg: string): number[] {
  return [...svg.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)" height="\d+" fill/g)]
    .map(([, width]) => Number(width))
    .filter((width) => width !== 11); // the legend's squares
}

describe("the chart", () => {
  it("draws each bar as long as its logarithm, and a decade the same everywhere", () => {
    const groups = [{ label: "one", bars: [bar("a", 1), bar("b", 10), bar("c", 100)] }];
    const [first = 0, second = 0, third = 0] = widths(
      chartSvg({ title: "t", axis: "x", series: SERIES, groups }),
    );
    expect(second - first).toBeGreaterThan(50);
    expect(third - second).toBeCloseTo(second - first, 0);
  });

  it("puts a note where a bar has no value", () => {
    const bars = [{ ...bar("a", 0), note: "nothing arrived" }, bar("b", 5)];
    const svg = chartSvg({ title: "t", axis: "x", series: SERIES, groups: [{ label: "l", bars }] });
    expect(svg).toContain("nothing arrived");
    expect(svg).toContain(">a</text>");
  });

  it("leaves out what has no logarithm, and groups without a bar", () => {
    const groups = [
      { label: "none", bars: [bar("a", 0)] },
      { label: "one", bars: [bar("a", 5), bar("b", -1)] },
    ];
    const svg = chartSvg({ title: "t", axis: "x", series: SERIES, groups });
    expect(widths(svg)).toHaveLength(1);
    expect(svg).not.toContain("none");
  });

  it("gives a series the same colour in every group and chart", () => {
    const groups = [
      { label: "one", bars: [bar("a", 5), bar("b", 5)] },
      { label: "two", bars: [bar("b", 5)] },
    ];
    const svg = chartSvg({ title: "t", axis: "x", series: SERIES, groups });
    const ofB = [...svg.matchAll(/fill="(#\w+)"><title>b:/g)].map(([, colour]) => colour);
    expect(ofB).toHaveLength(2);
    expect(new Set(ofB).size).toBe(1);
  });

  it("escapes what would end the text", () => {
    const svg = chartSvg({ title: "a < b & c", axis: "x", series: SERIES, groups: [] });
    expect(svg).toContain("a &lt; b &amp; c");
  });
});
