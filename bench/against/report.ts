import { loadLine, machineLine } from "../brokers/machine.js";
import { spreadOf } from "../brokers/statistics.js";
import type { Row } from "./row.js";

/** A Markdown table: a row each, its median and how far it reaches, those that cost more first. */
export function tableOf(
  done: readonly { readonly row: Row; readonly ratios: readonly number[] }[],
  revision: string,
  rounds: number,
): string {
  const lines = done
    .flatMap(({ row, ratios }) => {
      const spread = spreadOf(ratios);
      return spread === undefined ? [] : [{ name: row.name, ...spread }];
    })
    .sort((a, b) => b.median - a.median)
    .map(
      ({ name, median, min, max }) =>
        `| ${name} | ${median.toFixed(3)} | ${min.toFixed(3)} - ${max.toFixed(3)} |`,
    );
  return [
    `CPU time, this checkout to ${revision.slice(0, 12)}, ${rounds} rounds in turns. ${machineLine()}; load ${loadLine()}`,
    "",
    "| what | median | spread |",
    "|---|---|---|",
    ...lines,
  ].join("\n");
}
