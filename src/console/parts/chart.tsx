import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { HISTORY_MS, lonelyAt } from "../history.js";
import { onColoursChanged } from "./theme.js";

/** One line of a chart. */
export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  readonly title: string;
  /** In ms, one for each value. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  /** Values for people: on the axis and in the key. */
  readonly format: (value: number) => string;
  /** What may lie between two labels of its axis; without, 1, 2 or 5 with zeros. */
  readonly steps?: readonly number[] | undefined;
  /** Charts of one page: their cursors go together. */
  readonly group: string;
}

/** Colours that the style sheet has. */
const COLOURS = 6;
const AXIS_FONT = "11.5px system-ui, sans-serif";
const MS = 1;
const LONELY_PX = 4;

/** Lines over the last 15 minutes, with their latest values beside the heading. */
export function Chart({ title, times, lines, format, steps, group }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const data = [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData;
  const latestData = useRef(data);
  latestData.current = data;
  const names = lines.map(({ name }) => name).join("\n");
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsFor(element, { lines, format, steps, group }),
        latestData.current,
        element,
      );
    };
    draw();
    const forget = onColoursChanged(draw);
    const resized = new ResizeObserver(() => plot.current?.setSize(sizeOf(element)));
    resized.observe(element);
    return () => {
      forget();
      resized.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [names, format, steps, group]);
  useEffect(() => plot.current?.setData(data), [times]);
  return (
    <section class="card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <ul class="chart-key">
          {lines.map(({ name, values }, at) => (
            <li key={name}>
              <span class={`swatch series-${at % COLOURS}`} />
              {name} <b>{shown(values.at(-1), format)}</b>
            </li>
          ))}
        </ul>
      </header>
      <div class="chart" ref={box} role="img" aria-label={summary(title, lines, format)} />
    </section>
  );
}

function optionsFor(
  element: HTMLElement,
  { lines, format, steps, group }: Pick<ChartProps, "lines" | "format" | "steps" | "group">,
): uPlot.Options {
  const muted = colour(element, "--muted");
  const grid = { stroke: colour(element, "--line"), width: 1 };
  const axis = { stroke: muted, font: AXIS_FONT, grid, ticks: { show: false } };
  return {
    ...sizeOf(element),
    ms: MS,
    legend: { show: false },
    cursor: { sync: { key: group }, drag: { x: false, y: false }, points: { size: 6 } },
    padding: [8, 6, 0, 0],
    scales: {
      x: { range: (_, __, newest) => [newest - HISTORY_MS, newest] },
      y: { range: (_, __, largest) => [0, largest > 0 ? largest * 1.12 : 1] },
    },
    axes: [
      { ...axis, size: 26, values: (_, ticks) => ticks.map(minutesOf), space: 70 },
      {
        ...axis,
        size: 62,
        space: 32,
        values: (_, ticks) => ticks.map(format),
        ...(steps && { incrs: [...steps] }),
      },
    ],
    series: [
      {},
      ...lines.map((_, at) => ({
        stroke: colour(element, `--series-${(at % COLOURS) + 1}`),
        width: 1.6,
        points: { show: false, filter: lonely, size: LONELY_PX },
        spanGaps: false,
      })),
    ],
  };
}

/** Values with none on either side: no line leads to them, so they are points. */
function lonely({ data }: uPlot, at: number): number[] {
  return lonelyAt(data[at] ?? []);
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  const { paddingLeft, paddingRight, paddingTop, paddingBottom } = getComputedStyle(element);
  return {
    width: element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight),
    height: element.clientHeight - Number.parseFloat(paddingTop) - Number.parseFloat(paddingBottom),
  };
}

/** What a colour of the style sheet is now: a canvas knows nothing of `light-dark`. */
function colour(element: HTMLElement, name: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  element.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function minutesOf(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 5);
}

function shown(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}

/** What the picture shows, for whoever does not see it. */
function summary(title: string, lines: readonly Line[], format: (value: number) => string): string {
  const parts = lines.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${name}: nothing yet`;
    return `${name}: now ${format(known.at(-1) ?? 0)}, at most ${format(Math.max(...known))}`;
  });
  return `${title}, last 15 minutes. ${parts.join("; ")}`;
}
