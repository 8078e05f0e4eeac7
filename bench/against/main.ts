/**
 * `npm run bench -- against REVISION`: this checkout against an older one of the same repository, in
 * turns: every row of the codec, and a server under load. Ratios are new to old: below 1 is cheaper.
 */
import { spreadOf } from "../brokers/statistics.js";
import { type Choice, choiceOf, HELP, WrongUsage } from "./arguments.js";
import { checkoutOf, prepared } from "./checkout.js";
import { codecRows } from "./codec-rows.js";
import { tableOf } from "./report.js";
import type { Row } from "./row.js";
import { serverRows } from "./server-rows.js";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  try {
    await compare(choiceOf(args));
    return 0;
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    console.error(`bench against: ${error.message}\n\n${HELP}`);
    return 2;
  }
}

async function compare(choice: Choice): Promise<void> {
  const old = checkoutOf(choice.revision);
  console.log(`against ${old.revision}, prepared in ${old.folder}`);
  prepared(old);
  const rows = [...serverRows(), ...codecRows()].filter(({ name }) => name.includes(choice.only));
  if (rows.length === 0) throw new WrongUsage(`--only: no row has "${choice.only}" in its name`);
  const done: { row: Row; ratios: number[] }[] = [];
  for (const row of rows) {
    const ratios: number[] = [];
    for (let round = 0; round < choice.rounds; round++)
      ratios.push(await row.ratio(old.folder, round));
    done.push({ row, ratios });
    const spread = spreadOf(ratios);
    if (spread === undefined) continue;
    const { median, min, max } = spread;
    console.log(
      `${row.name.padEnd(60)}${median.toFixed(3).padStart(8)}  (${min.toFixed(3)}-${max.toFixed(3)})`,
    );
  }
  console.log(`\n${tableOf(done, old.revision, choice.rounds)}`);
}
