import { chartSvg } from "../brokers/chart.js";
import { loadLine, machineLine } from "../brokers/machine.js";
import type { Spread } from "../brokers/statistics.js";
import type { Effort, Measured } from "./measure.js";

/** What came of one of ours in one scenario. */
export interface Outcome {
  readonly scenario: string;
  readonly label: string;
  readonly goal: number | undefined;
  readonly measured: Measured;
}

/** How the figures came about, for the head of the report. */
export function headOf({ rounds, milliseconds }: Effort, date: string): string {
  return [
    `${machineLine()}; load ${loadLine()}; ${date}.`,
    "",
    "Each row is a process of its own, in which mqtt-packet 9 and ours take turns: medians of",
    `${rounds} rounds of ${milliseconds} ms each, every other round the other way around; in brackets the least and`,
    "the most. CPU time of the process, all of its threads, garbage collection included, so that",
    "neighbours on the machine count as little as can be. A ratio is taken within a round: how many",
    "times the packets of mqtt-packet for the same CPU time. Both libraries get the same bytes, 50 Topic",
    "Names of 21 bytes; ours checks what mqtt-packet lets pass: UTF-8, characters, wildcards, flags,",
    "identifiers, sizes. `npm run bench -- codec` makes this anew.",
  ].join("\n");
}

/** A Markdown table: one row for each of ours in each scenario. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ scenario, label, goal, measured }, index) => [
    scenario === outcomes[index - 1]?.scenario ? "" : scenario,
    label,
    withSpread(measured.theirs, ""),
    withSpread(measured.ours, ""),
    withSpread(measured.ratio, "x"),
    goal === undefined ? "" : `${goal}x: ${measured.ratio.median >= goal ? "met" : "missed"}`,
  ]);
  const head = ["packets", "ours", "mqtt-packet: CPU ns a packet", "ours", "ratio", "goal"];
  const lines = [head, ["---", "---", "--:", "--:", "--:", "---"], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Bars of the ratios, all scenarios below each other. */
export function chartOf(title: string, outcomes: readonly Outcome[]): string {
  const scenarios = new Set(outcomes.map(({ scenario }) => scenario));
  return chartSvg({
    title,
    series: [...new Set(outcomes.map(({ label }) => label))],
    axis: "times the packets of mqtt-packet for the same CPU time, logarithmic: longer is better",
    groups: Array.from(scenarios, (scenario) => ({
      label: scenario,
      bars: outcomes
        .filter((outcome) => outcome.scenario === scenario)
        .map(({ label: series, measured: { ratio } }) => ({
          series,
          value: ratio.median,
          min: ratio.min,
          max: ratio.max,
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
