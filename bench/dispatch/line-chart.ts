import type { Spread } from "../brokers/statistics.js";
import type { Spreads } from "./report.js";
import { WAYS } from "./series.js";

const LEFT = 70;
const TOP = 40;
const WIDTH = 560;
const HEIGHT = 320;
const KEY = 300;
/** By way. */
const COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c"];
/** By how many are active. */
const DASHES = ["", ' stroke-dasharray="8 4"', ' stroke-dasharray="2 4"'];

/** One line a series over the size of the crowd, both axes logarithmic, whiskers over all rounds. */
export function chartOf(sizes: readonly number[], spreads: Spreads): string {
  const all = [...spreads.values()].flat().filter((spread) => spread !== undefined);
  const low = Math.min(...all.map(({ min }) => min)) / 1.3;
  const high = Math.max(...all.map(({ max }) => max)) * 1.3;
  const x = (at: number): number => LEFT + (at / (sizes.length - 1)) * WIDTH;
  const y = (value: number): number =>
    TOP + HEIGHT - (Math.log(value / low) / Math.log(high / low)) * HEIGHT;
  const lines = [...spreads].flatMap(([{ title }, cells], index) => {
    const colour = COLOURS[index % WAYS] ?? "#777777";
    const dashes = DASHES[Math.floor(index / WAYS)] ?? "";
    return lineOf(title, cells, colour, dashes, index, x, y);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + KEY} ${TOP + HEIGHT + 50}" ` +
      'font-family="sans-serif" font-size="12">',
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    text(12, 22, "CPU nanoseconds to dispatch a message, logarithmic: lower is better", "start"),
    ...ticks(low, high).map(
      (value) =>
        `<path d="M${LEFT} ${px(y(value))}H${LEFT + WIDTH}" stroke="#dddddd"/>` +
        text(LEFT - 8, y(value) + 4, value.toLocaleString("en-US"), "end"),
    ),
    ...sizes.map((size, at) =>
      text(x(at), TOP + HEIGHT + 18, size.toLocaleString("en-US"), "middle"),
    ),
    text(LEFT + WIDTH / 2, TOP + HEIGHT + 38, "connected clients, as many Subscriptions", "middle"),
    ...lines,
    "</svg>",
    "",
  ].join("\n");
}

function lineOf(
  title: string,
  cells: readonly (Spread | undefined)[],
  colour: string,
  dashes: string,
  index: number,
  x: (at: number) => number,
  y: (value: number) => number,
): string[] {
  const points = cells.flatMap((spread, at) => (spread === undefined ? [] : [{ spread, at }]));
  const path = points.map(({ spread, at }) => `${px(x(at))},${px(y(spread.median))}`).join(" ");
  const keyY = TOP + 14 + index * 20;
  const key = LEFT + WIDTH + 16;
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`,
    ...points.map(
      ({ spread, at }) =>
        `<path d="M${px(x(at))} ${px(y(spread.min))}V${px(y(spread.max))}" stroke="${colour}"/>` +
        `<circle cx="${px(x(at))}" cy="${px(y(spread.median))}" r="3.5" fill="${colour}"/>`,
    ),
    `<path d="M${key} ${keyY - 4}h24" stroke="${colour}" stroke-width="2"${dashes}/>`,
    text(key + 30, keyY, title, "start"),
  ];
}

/** 1, 2 and 5 times the powers of ten between two values. */
function ticks(low: number, high: number): number[] {
  const found: number[] = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
    for (const step of [1, 2, 5]) {
      const value = decade * step;
      if (value >= low && value <= high) found.push(value);
    }
  }
  return found;
}

function text(x: number, y: number, content: string, anchor: string): string {
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}">${content}</text>`;
}

function px(value: number): string {
  return value.toFixed(1);
}
