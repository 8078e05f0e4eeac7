/** One bar: a value, how far it reached over the rounds, and whose it is. */
export interface Bar {
  readonly series: string;
  /** Not positive: no bar, only the note; a logarithm has no place for it. */
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** Stands there instead of a bar. */
  readonly note?: string;
}

/** Bars that belong together, under one label. */
export interface BarGroup {
  readonly label: string;
  readonly bars: readonly Bar[];
}

export interface BarChart {
  readonly title: string;
  /** What the axis counts, and which direction is better. */
  readonly axis: string;
  /** All that may occur, in the order of their colours, so that charts agree; else as they come. */
  readonly series?: readonly string[];
  readonly groups: readonly BarGroup[];
}

/**
 * Horizontal bars on a logarithmic axis, with whiskers from the least to the most, as SVG that
 * needs nothing else: no font, no script.
 */
export function chartSvg({ title, axis, series: given, groups }: BarChart): string {
  const shown = groups
    .map(({ label, bars }) => ({ label, bars: bars.filter(isShown) }))
    .filter(({ bars }) => bars.length > 0);
  const found = new Set(shown.flatMap(({ bars }) => bars.map((bar) => bar.series)));
  const series = given ?? [...found];
  const occurring = series.filter((name) => found.has(name));
  const all = shown.flatMap(({ bars }) => bars.flatMap(({ min, max, value }) => [min, max, value]));
  const [low, high] = decades(all.filter((value) => value > 0));
  const x = (value: number): number =>
    LEFT + ((Math.log10(Math.max(value, low)) - Math.log10(low)) / Math.log10(high / low)) * WIDTH;
  const body: string[] = [];
  let y = TOP;
  for (const { label, bars } of shown) {
    body.push(text(LEFT - 8, y + (bars.length * BAR) / 2 + 4, label, "end"));
    for (const bar of bars) {
      body.push(barSvg(bar, y, x, colourOf(bar.series, series)));
      y += BAR;
    }
    y += GAP;
  }
  const height = y + 38;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + RIGHT} ${height}" ` +
      'font-family="sans-serif" font-size="12">',
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<title>${escaped(title)}</title>`,
    text(12, 22, title, "start", 'font-size="15" font-weight="bold"'),
    ...legend(occurring, series),
    ...gridLines(low, high, x, y),
    text(LEFT, height - 8, axis, "start", 'fill="#555555"'),
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

function isShown({ value, note }: Bar): boolean {
  return value > 0 || note !== undefined;
}

function colourOf(name: string, series: readonly string[]): string {
  return COLOURS[series.indexOf(name) % COLOURS.length] ?? "#777777";
}

function barSvg(
  { series, value, min, max, note }: Bar,
  y: number,
  x: (value: number) => number,
  colour: string,
): string {
  const middle = y + BAR / 2;
  if (!(value > 0)) {
    const mark = `<rect x="${LEFT}" y="${y + 1}" width="3" height="${BAR - 3}" fill="${colour}"/>`;
    return mark + text(LEFT + 8, middle + 4, note ?? "", "start", 'font-size="11"');
  }
  const end = x(value);
  return [
    `<rect x="${LEFT}" y="${y + 1}" width="${px(end - LEFT)}" height="${BAR - 3}" fill="${colour}">`,
    `<title>${escaped(`${series}: ${short(value)} (${short(min)}-${short(max)})`)}</title></rect>`,
    `<path d="M${px(x(min))} ${middle}H${px(x(max))}" stroke="#333333"/>`,
    text(Math.max(end, x(max)) + 5, middle + 4, short(value), "start", 'font-size="11"'),
  ].join("");
}

function legend(occurring: readonly string[], series: readonly string[]): string[] {
  let left = 12;
  return occurring.map((name) => {
    const entry =
      `<rect x="${left}" y="32" width="11" height="11" fill="${colourOf(name, series)}"/>` +
      text(left + 16, 42, name, "start");
    left += 34 + name.length * 7;
    return entry;
  });
}

function gridLines(low: number, high: number, x: (value: number) => number, y: number): string[] {
  const lines: string[] = [];
  for (let value = low; value <= high * 1.001; value *= 10) {
    lines.push(`<path d="M${px(x(value))} ${TOP - 6}V${y}" stroke="#dddddd"/>`);
    lines.push(text(x(value), y + 12, short(value), "middle", 'fill="#555555" font-size="11"'));
  }
  return lines;
}

function text(x: number, y: number, content: string, anchor: string, more = ""): string {
  const space = more === "" ? "" : ` ${more}`;
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}"${space}>${escaped(content)}</text>`;
}

/** The powers of ten around some positive values, at least one decade apart. */
function decades(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) return [1, 10];
  const low = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...values)));
  return [low, Math.max(high, low * 10)];
}

function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

function px(value: number): string {
  return value.toFixed(1);
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const LEFT = 370;
const WIDTH = 520;
const RIGHT = 90;
const TOP = 64;
const BAR = 15;
const GAP = 10;
const COLOURS = ["#1f77b4", "#7fb8e0", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b"];
