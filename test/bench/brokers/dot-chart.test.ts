import { describe, expect, it } from "vitest";
import { type DotRow, dotChartSvg, type Series } from "../../../bench/brokers/dot-chart.js";

const SERIES: readonly Series[] = [
  { name: "ours", shape: "circle", colours: ["#00f", "#88f"] },
  { name: "ours too", shape: "ring", colours: ["#00f", "#88f"] },
  { name: "on disk", shape: "diamond", colours: ["#00f", "#88f"] },
  { name: "rival", shape: "square", colours: ["#555", "#999"] },
  { name: "second", shape: "triangle", colours: ["#b40", "#f83"] },
  { name: "third <&>", shape: "cross", colours: ["#82d", "#b8f"] },
];

function dot(series: string, value: number) {
  return { series, value, min: value / 2, max: value * 2 };
}

function drawn(...rows: DotRow[]): string {
  const groups = [{ heading: "a heading", rows }];
  return dotChartSvg({ title: "a < b", subtitle: "less is better", series: SERIES, groups });
}

/** Where the marks of a row are: the middle of each whisker's logarithm is the value's. */
function places(svg: string): number[] {
  return [...svg.matchAll(/class="reach" d="M([\d.]+) [\d.]+H([\d.]+)"/g)].map(
    ([, from, to]) => (Number(from) + Number(to)) / 2,
  );
}

describe("the chart of marks", () => {
  it("puts equal ratios equally far apart", () => {
    const svg = drawn({ label: "l", dots: [dot("ours", 1), dot("rival", 10), dot("second", 100)] });
    const [third = 0, second = 0, first = 0] = places(svg);
    expect(second - first).toBeGreaterThan(50);
    expect(third - second).toBeCloseTo(second - first, 0);
  });

  it("names in its legend all who occur, and nobody else, each with the mark of the rows", () => {
    const svg = drawn({ label: "l", dots: [dot("ours", 1), dot("third <&>", 3)] });
    expect(svg).toContain(">ours</text>");
    expect(svg).toContain(">third &lt;&amp;&gt;</text>");
    expect(svg).not.toContain(">second</text>");
    expect(svg.match(/class="stroke"/g)).toHaveLength(2);
  });

  it("gives a series the same class, so the same colour, whoever else occurs", () => {
    const alone = drawn({ label: "l", dots: [dot("second", 1)] });
    const among = drawn({ label: "l", dots: SERIES.map(({ name }, at) => dot(name, at + 1)) });
    for (const svg of [alone, among]) {
      expect(svg).toMatch(/<g class="s4"><title>second: /);
    }
  });

  it("writes the first one's median and the rival's beside each row", () => {
    const svg = drawn(
      { label: "one", dots: [dot("ours", 0.6412), dot("rival", 1234.5)] },
      { label: "two", dots: [dot("rival", 7)] },
    );
    expect(svg).toMatch(/class="own">0\.641</);
    expect(svg).toMatch(/class="faint">1,235</);
    expect(svg).toMatch(/class="faint">7</);
  });

  it("leaves out rows and headings without a mark, and draws none at all if need be", () => {
    expect(drawn({ label: "empty", dots: [] })).not.toContain("empty");
    expect(drawn({ label: "empty", dots: [] })).not.toContain("a heading");
  });

  it("breaks a legend that is too long", () => {
    const many = Array.from({ length: 12 }, (_, at): Series => {
      return { name: `a server with a long name ${at}`, shape: "ring", colours: ["#000", "#fff"] };
    });
    const dots = many.map(({ name }) => dot(name, 1));
    const groups = [{ heading: "h", rows: [{ label: "l", dots }] }];
    const svg = dotChartSvg({ title: "t", subtitle: "s", series: many, groups });
    const lines = new Set(
      [...svg.matchAll(/y="([\d.]+)" text-anchor="start">a server/g)].map(([, y]) => y),
    );
    expect(lines.size).toBeGreaterThan(1);
  });

  it("escapes what would end the text", () => {
    expect(drawn({ label: "a & b", dots: [dot("ours", 1)] })).toContain("a &amp; b");
    expect(drawn()).toContain("<title>a &lt; b</title>");
  });
});
