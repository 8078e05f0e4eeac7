/**
 * `npm run bench -- against REVISION`: this checkout against an older one of the same repository, in
 * turns: every row of the codec, and a server under load. Ratios are new to old: below 1 is cheaper.
 */
import { spreadOf } from "../brokers/statistics.js";
import { type Choice, choiceOf, HELP, WrongUsage } from "./arguments.js";
import { checkoutOf, prepared } from "./checkout.js";
import { codecRows } from "./codec-rows.js";
import { rateOf, tableOf } from "./report.js";
import type { Measured, Row } from "./row.js";
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
  const done: { row: Row; measured: Measured[] }[] = [];
  for (const row of rows) {
    const measured: Measured[] = [];
    for (let round = 0; round < choice.rounds; round++)
      measured.push(await row.measure(old.folder, round));
    done.push({ row, measured });
    const spread = spreadOf(measured.map(({ cpu }) => cpu));
    if (spread === undefined) continue;
    const { median, min, max } = spread;
    const rate = rateOf(measured);
    console.log(
      `${row.name.padEnd(76)}${median.toFixed(3)}  (${min.toFixed(3)}-${max.toFixed(3)})` +
        (rate === "" ? "" : `, ${rate} of its messages a second`),
    );
  }
  console.log(`\n${tableOf(done, old.revision, choice.rounds)}`);
}
