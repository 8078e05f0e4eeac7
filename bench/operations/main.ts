/**
 * `npm run bench -- operations`: what it costs to watch a server, and whether its clients notice when
 * somebody floods its API. Ratios are watched to alone: 1.03 is three percent more.
 */
import { loadLine, machineLine } from "../brokers/machine.js";
import { commit } from "../brokers/servers.js";
import { type Spread, spreadOf } from "../brokers/statistics.js";
import { type Choice, choiceOf, HELP, WrongUsage } from "./arguments.js";
import { costRows } from "./cost-rows.js";
import { latencyRows } from "./latency-rows.js";
import { type OperationsRecord, rowText, writeReport } from "./report.js";
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
  const records: OperationsRecord[] = [];
  console.log(`${machineLine()}; load ${loadLine()}`);
  for (const row of rows) {
    const record = await recordOf(row, choice);
    console.log(rowText(record));
    records.push(record);
    if (choice.out !== undefined) writeReport(choice.out, records);
  }
  console.log(
    `Watched to alone, ${choice.rounds} rounds of ${choice.seconds} s; load ${loadLine()}`,
  );
}

/** Every other round the other way around, so that what drifts hits both. */
async function recordOf(row: Row, { rounds, seconds }: Choice): Promise<OperationsRecord> {
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
  const ratios = watched.map((value, round) => value / (alone[round] ?? Number.NaN));
  return {
    ...{ name: row.name, unit: row.unit, most: row.most, rounds, seconds },
    ...{ ratio: of(ratios), watched: of(watched), alone: of(alone) },
    ...{ date: new Date().toISOString().slice(0, 10), commit: commit(), machine: machineLine() },
  };
}

/** There is one round at least. */
function of(values: readonly number[]): Spread {
  return spreadOf(values) as Spread;
}
