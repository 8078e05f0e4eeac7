/**
 * What durability costs: our server with a store that syncs, one that does not, none, and
 * Mosquitto with persistence, in turns, with the load generator of `beeline bench`.
 *
 * Run it with `npm run bench -- store`; `--rounds=5` and `--seconds=3` are the defaults, `--out=DIR`
 * names the folder of the report (bench/results), `--quick` takes a moment and writes nothing.
 */
import { loadLine, machineLine } from "./brokers/machine.js";
import { type Contestant, type ContestantName, contestants } from "./store/contestants.js";
import { lostByKill } from "./store/kill.js";
import { type Results, tableOf, verdictsOf, voidsOf, writeReport } from "./store/report.js";
import { type Run, runOnce } from "./store/run.js";

const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 1 : numberFrom("rounds", 5);
const seconds = isQuick ? 0.5 : numberFrom("seconds", 3);
const out = process.argv.find((flag) => flag.startsWith("--out="))?.slice("--out=".length);

const all = contestants();
const present = all.filter(({ version }) => version !== undefined);
const runs = new Map<ContestantName, Run[]>(all.map(({ name }) => [name, []]));
const loads = [loadLine()];
console.log(`${machineLine()}; load ${loads[0]}`);
for (let round = 0; round < rounds; round += 1) {
  for (let at = 0; at < present.length; at += 1) {
    const contestant = present[(at + round) % present.length] as Contestant; // within its length
    runs.get(contestant.name)?.push(await runOnce(contestant, seconds));
  }
}
loads.push(loadLine());

const lost = new Map<ContestantName, number>();
for (const contestant of present) {
  if (contestant.name !== "memory") lost.set(contestant.name, await lostByKill(contestant));
}

const results: Results = {
  machine: machineLine(),
  loads: loads.join(" before, ").concat(" after"),
  date: new Date().toISOString().slice(0, 10),
  seconds,
  contestants: all,
  runs,
  lost,
};
console.log(tableOf(results));
for (const line of [...verdictsOf(results), ...voidsOf(results)]) console.log(`- ${line}`);
if (!isQuick) writeReport(out ?? "bench/results", results);

function numberFrom(name: string, otherwise: number): number {
  const flag = process.argv.find((one) => one.startsWith(`--${name}=`));
  const value = flag === undefined ? otherwise : Number(flag.slice(name.length + 3));
  if (!(value > 0)) throw new Error(`--${name}: a number above 0, as in --${name}=${otherwise}`);
  return value;
}
