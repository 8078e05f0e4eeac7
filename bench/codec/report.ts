import { chartSvg } from "../brokers/chart.js";
import { loadLine, machineLine } from "../brokers/machine.js";
import type { Spread } from "../brokers/statistics.js";
import type { Effort, Measured } from "./measure.js";

/** What came of one scenario. */
export interface Outcome {
  readonly label: string;
  readonly measured: readonly Measured[];
  readonly goals: Readonly<Record<string, number>>;
}

/** How the figures came about, for the head of the report. */
export function headOf({ rounds, milliseconds }: Effort, date: string): string {
  return [
    `${machineLine()}; load ${loadLine()}; ${date}.`,
    "",
    "CPU time of the process, all of its threads, garbage collection included, so that neighbours on",
    `the machine count as little as can be. Medians of ${rounds} rounds of ${milliseconds} ms each, in`,
    "turns, every other round the other way around; in brackets the least and the most. A ratio is",
    "taken within a round: how many times the packets of mqtt-packet 9 for the same CPU time. Both",
    "libraries get the same bytes, 50 Topic Names of 21 bytes; ours checks what mqtt-packet lets pass:",
    "UTF-8, characters, wildcards, flags, identifiers, sizes. `npm run bench:codec` makes this anew.",
  ].join("\n");
}

/** A Markdown table: one row for each variant of each scenario. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap(({ label, measured, goals }) =>
    measured.map(({ label: variant, nanoseconds, ratio }, index) => {
      const isFirst = index === 0;
      const goal = goals[variant];
      return [
        isFirst ? label : "",
        variant,
        withSpread(nanoseconds, ""),
        isFirst ? "" : withSpread(ratio, "x"),
        goal === undefined ? "" : `${goal}x: ${ratio.median >= goal ? "met" : "missed"}`,
      ];
    }),
  );
  const head = ["packets", "library", "CPU ns a packet", "ratio", "goal"];
  const lines = [head, ["---", "---", "--:", "--:", "---"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Bars of the ratios, all scenarios below each other. */
export function chartOf(title: string, outcomes: readonly Outcome[]): string {
  return chartSvg({
    title,
    series: [...new Set(outcomes.flatMap(({ measured }) => measured.map(({ label }) => label)))],
    axis: "times the packets of mqtt-packet for the same CPU time, logarithmic: longer is better",
    groups: outcomes.map(({ label, measured }) => ({
      label,
      bars: measured.map(({ label: series, ratio: { median, min, max } }) => ({
        series,
        value: median,
        min,
        max,
      })),
    })),
  });
}

function withSpread({ median, min, max }: Spread, unit: string): string {
  return `${short(median)}${unit} (${short(min)}-${short(max)})`;
}

function short(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}
