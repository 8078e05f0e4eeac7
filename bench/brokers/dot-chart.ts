/** Whose figures a chart shows, and how its marks look. */
export interface Series {
  readonly name: string;
  readonly shape: "circle" | "ring" | "diamond" | "square" | "triangle" | "cross";
  /** On white, and on black. */
  readonly colours: readonly [light: string, dark: string];
}

/** One mark: a median, and how far the rounds reached. All are positive. */
export interface Dot {
  readonly series: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

/** One line of the chart. */
export interface DotRow {
  readonly label: string;
  readonly dots: readonly Dot[];
}

/** Rows under a heading of their own. */
export interface DotGroup {
  readonly heading: string;
  readonly rows: readonly DotRow[];
}

export interface DotChart {
  readonly title: string;
  /** Below it, smaller: what is counted and which direction is better. */
  readonly subtitle: string;
  readonly series: readonly Series[];
  readonly groups: readonly DotGroup[];
}

/**
 * Marks on lines over a logarithmic axis, as SVG that needs nothing else: no font, no script. Marks and
 * not bars: on a logarithm a length says nothing, a place does.
 */
export function dotChartSvg({ title, subtitle, series, groups }: DotChart): string {
  const shown = groups
    .map(({ heading, rows }) => ({ heading, rows: rows.filter(({ dots }) => dots.length > 0) }))
    .filter(({ rows }) => rows.length > 0);
  const dots = shown.flatMap(({ rows }) => rows.flatMap((row) => row.dots));
  const occurring = series.filter(({ name }) => dots.some((dot) => dot.series === name));
  const [low, high] = reachOf(dots.flatMap(({ min, max }) => [min, max]));
  const x = (value: number): number =>
    LEFT + (Math.log(value / low) / Math.log(high / low)) * WIDTH;
  const body: string[] = [];
  const key = legend(occurring, series);
  const top = 66 + key.height;
  let y = top + 26;
  for (const { heading, rows } of shown) {
    body.push(text(16, y + 4.5, heading, "start", 'class="head"'));
    y += ROW;
    for (const row of rows) {
      body.push(rowSvg(row, y, x, series));
      y += ROW;
    }
    y += GAP;
  }
  const bottom = y - GAP - ROW / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + RIGHT} ${Math.ceil(bottom + 16)}" ` +
      'font-family="system-ui,sans-serif" font-size="13">',
    `<title>${escaped(title)}</title>`,
    `<style>${styleOf(series)}</style>`,
    '<rect class="page" width="100%" height="100%"/>',
    text(16, 26, title, "start", 'font-size="17" font-weight="600"'),
    text(16, 46, subtitle, "start", 'class="faint"'),
    ...key.marks,
    ...numbered(occurring).map(([name, left, look]) => text(left, top + 7, name, "end", look)),
    ...gridLines(low, high, x, top + 12, bottom),
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

function rowSvg(
  { label, dots }: DotRow,
  y: number,
  x: (value: number) => number,
  series: readonly Series[],
): string {
  const left = Math.min(...dots.map(({ value }) => value));
  const right = Math.max(...dots.map(({ value }) => value));
  const marks = series.toReversed().flatMap(({ name, shape }) => {
    const at = series.findIndex((one) => one.name === name);
    return dots
      .filter((dot) => dot.series === name)
      .map(({ value, min, max }) =>
        [
          `<g class="s${at}"><title>${escaped(`${name}: ${short(value)} (${short(min)} to ${short(max)})`)}</title>`,
          `<path class="reach" d="M${px(x(min))} ${y}H${px(x(max))}"/>`,
          `${markSvg(shape, x(value), y)}</g>`,
        ].join(""),
      );
  });
  return [
    text(LEFT - 14, y + 4.5, label, "end"),
    `<path class="line" d="M${px(x(left))} ${y}H${px(x(right))}"/>`,
    ...marks,
    ...numbered(series).map(([name, left, look]) => {
      const value = dots.find((dot) => dot.series === name)?.value;
      return value === undefined ? "" : text(left, y + 4.5, short(value), "end", look);
    }),
  ].join("");
}

/** Whose medians stand at the right in words as well: the first, and the first square after it. */
function numbered(series: readonly Series[]): (readonly [name: string, x: number, look: string])[] {
  const rival = series.slice(1).find(({ shape }) => shape === "square");
  const right = LEFT + WIDTH;
  return [series[0], rival].flatMap((one, at) =>
    one === undefined
      ? []
      : [[one.name, right + 82 + at * 86, at === 0 ? 'class="own"' : 'class="faint"'] as const],
  );
}

function markSvg(shape: Series["shape"], x: number, y: number): string {
  const at = (dx: number, dy: number): string => `${px(x + dx)} ${px(y + dy)}`;
  switch (shape) {
    case "circle":
      return `<circle class="full" cx="${px(x)}" cy="${y}" r="6.5"/>`;
    case "ring":
      return `<circle class="open" cx="${px(x)}" cy="${y}" r="5"/>`;
    case "diamond":
      return `<path class="open" d="M${at(0, -6)}L${at(6, 0)} ${at(0, 6)} ${at(-6, 0)}Z"/>`;
    case "square":
      return `<path class="full" d="M${at(-5, -5)}H${px(x + 5)}V${px(y + 5)}H${px(x - 5)}Z"/>`;
    case "triangle":
      return `<path class="full" d="M${at(0, -6)}L${at(6, 5)} ${at(-6, 5)}Z"/>`;
    case "cross":
      return `<path class="stroke" d="M${at(-5, -5)}L${at(5, 5)}M${at(5, -5)}L${at(-5, 5)}"/>`;
  }
}

/** Everything that occurs, in lines that fit the width. */
function legend(
  occurring: readonly Series[],
  series: readonly Series[],
): { marks: string[]; height: number } {
  let left = 22;
  let y = 68;
  const marks = occurring.map((one) => {
    const { name, shape } = one;
    const width = 30 + name.length * 7.4;
    if (left + width > LEFT + WIDTH + RIGHT - 16) {
      left = 22;
      y += 22;
    }
    const entry = `<g class="s${series.indexOf(one)}">${markSvg(shape, left, y)}</g>${text(left + 13, y + 4.5, name, "start")}`;
    left += width;
    return entry;
  });
  return { marks, height: y - 46 };
}

function gridLines(
  low: number,
  high: number,
  x: (value: number) => number,
  top: number,
  bottom: number,
): string[] {
  const ticks: number[] = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
    for (const step of high / low > 3000 ? [1] : [1, 2, 5]) ticks.push(decade * step);
  }
  return ticks
    .filter((value) => value >= low * 0.999 && value <= high * 1.001)
    .flatMap((value) => [
      `<path class="grid" d="M${px(x(value))} ${top}V${px(bottom)}"/>`,
      text(x(value), top - 5, short(value), "middle", 'class="faint" font-size="12"'),
    ]);
}

function styleOf(series: readonly Series[]): string {
  const colours = (at: 0 | 1): string =>
    series.map((one, index) => `.s${index}{--c:${one.colours[at]}}`).join("");
  return `
.page{fill:#fff}text{fill:#1f2328}.faint{fill:#59636e}.head{font-weight:600}.own{font-weight:600;fill:#0969da}
.grid{stroke:#e4e7eb}.line{stroke:#c3cad2;stroke-width:2}.reach{stroke:var(--c);stroke-width:1.5;opacity:.55}
.full{fill:var(--c)}.open{fill:#fff;stroke:var(--c);stroke-width:2.2}.stroke{stroke:var(--c);stroke-width:2.6}
${colours(0)}
@media (prefers-color-scheme:dark){.page{fill:#0d1117}text{fill:#e6edf3}.faint{fill:#9198a1}.own{fill:#58a6ff}
.grid{stroke:#21262d}.line{stroke:#3d444d}.open{fill:#0d1117}
${colours(1)}}
`;
}

function text(x: number, y: number, content: string, anchor: string, more = ""): string {
  const space = more === "" ? "" : ` ${more}`;
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}"${space}>${escaped(content)}</text>`;
}

/** The least and the most, with some room around them. */
function reachOf(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) return [1, 10];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [low / 1.15, Math.max(high, low * 2) * 1.15];
}

/** Three digits that count: 0.641, 12.9, 1,280. */
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

const LEFT = 310;
const WIDTH = 500;
const RIGHT = 184;
const ROW = 27;
const GAP = 8;
