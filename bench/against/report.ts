import { loadLine, machineLine } from "../brokers/machine.js";
import { spreadOf } from "../brokers/statistics.js";
import type { Measured, Row } from "./row.js";

/** A Markdown table: a row each, its median and how far it reaches, those that cost more first. */
export function tableOf(
  done: readonly { readonly row: Row; readonly measured: readonly Measured[] }[],
  revision: string,
  rounds: number,
): string {
  const lines = done
    .flatMap(({ row, measured }) => {
      const spread = spreadOf(measured.map(({ cpu }) => cpu));
      return spread === undefined ? [] : [{ name: row.name, rate: rateOf(measured), ...spread }];
    })
    .sort((a, b) => b.median - a.median)
    .map(
      ({ name, rate, median, min, max }) =>
        `| ${name} | ${median.toFixed(3)} | ${min.toFixed(3)} - ${max.toFixed(3)} | ${rate} |`,
    );
  return [
    `This checkout to ${revision.slice(0, 12)}, ${rounds} rounds in turns. ${machineLine()}; load ${loadLine()}`,
    "",
    "| what | CPU time, median | spread | messages a second |",
    "|---|--:|--:|--:|",
    ...lines,
  ].join("\n");
}

/** The median of messages a second, where there are any. */
export function rateOf(measured: readonly Measured[]): string {
  const spread = spreadOf(measured.flatMap(({ rate }) => (rate === undefined ? [] : [rate])));
  return spread === undefined ? "" : spread.median.toFixed(2);
}
