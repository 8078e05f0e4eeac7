/**
 * `npm run bench -- operations`: what it costs to watch a server, and whether its clients notice when
 * somebody floods its API. Ratios are watched to alone: 1.03 is three percent more.
 */
import { loadLine, machineLine } from "../brokers/machine.js";
import { type Spread, spreadOf } from "../brokers/statistics.js";
import { type Choice, choiceOf, HELP, WrongUsage } from "./arguments.js";
import { costRows } from "./cost-rows.js";
import { latencyRows } from "./latency-rows.js";
import type { Row } from "./row.js";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  try {
    await measure(choiceOf(args));
    return 0;
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    console.error(`bench operations: ${error.message}\n\n${HELP}`);
    return 2;
  }
}

async function measure(choice: Choice): Promise<void> {
  const rows = [...costRows(choice), ...latencyRows(choice)].filter(({ name }) =>
    name.includes(choice.only),
  );
  if (rows.length === 0) throw new WrongUsage(`--only: no row has "${choice.only}" in its name`);
  const lines: string[] = [];
  for (const row of rows) {
    lines.push(await lineOf(row, choice.rounds));
    console.log(lines.at(-1));
  }
  console.log(
    `\nWatched to alone, ${choice.rounds} rounds of ${choice.seconds} s in turns. ${machineLine()}; load ${loadLine()}\n`,
  );
  console.log("| what | ratio | spread | watched | alone |\n|---|---|---|---|---|");
  console.log(lines.join("\n"));
}

/** Every other round the other way around, so that what drifts hits both. */
async function lineOf(row: Row, rounds: number): Promise<string> {
  const watched: number[] = [];
  const alone: number[] = [];
  await row.begin?.();
  try {
    for (let round = 0; round < rounds; round += 1) {
      if (round % 2 === 0) alone.push(await row.alone());
      watched.push(await row.watched());
      if (round % 2 === 1) alone.push(await row.alone());
    }
  } finally {
    await row.end?.();
  }
  const ratio = spreadOf(watched.map((value, round) => value / (alone[round] ?? Number.NaN)));
  const [one, other] = [spreadOf(watched), spreadOf(alone)];
  if (ratio === undefined || one === undefined || other === undefined) return `| ${row.name} |`;
  const reach = `${ratio.min.toFixed(3)} - ${ratio.max.toFixed(3)}`;
  return `| ${row.name} | ${ratio.median.toFixed(3)} | ${reach} | ${shown(one, row)} | ${shown(other, row)} |`;
}

function shown({ median }: Spread, { unit }: Row): string {
  return `${median.toFixed(2)} ${unit}`;
}
