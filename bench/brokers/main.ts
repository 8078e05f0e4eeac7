/**
 * `npm run bench -- brokers`: measures MQTT brokers side by side on this machine; see arguments.ts for
 * the flags. The server runs on CPU 0, the generator on CPU 1; every run has a fresh server.
 */
import { type Choice, choiceOf, HELP, WrongUsage } from "./arguments.js";
import { commandOf, runLoad } from "./generator.js";
import { placements } from "./launch.js";
import { loadLine, machineLine } from "./machine.js";
import { contestantRecord, type RunRecord, runRecord, type WorkloadRecord } from "./record.js";
import { forgetEarlier, writeReport } from "./report.js";
import { type Contestant, contestants } from "./servers.js";
import { remarksOf, tableOf } from "./tables.js";
import { WORKLOADS, type Workload } from "./workloads.js";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  if (args.includes("--list")) {
    for (const { name, title } of WORKLOADS) console.log(`${name.padEnd(22)} ${title}`);
    return 0;
  }
  let choice: Choice;
  try {
    choice = choiceOf(args);
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    console.error(`bench brokers: ${error.message}\n\n${HELP}`);
    return 2;
  }
  return compare(choice);
}

async function compare(choice: Choice): Promise<number> {
  const chosen = contestants(choice.dist).filter(({ name }) => choice.servers.includes(name));
  console.log(`${machineLine()}; load ${loadLine()}`);
  for (const { title, version, missing } of chosen) {
    console.log(version === undefined ? `SKIPPED ${title}: ${missing}` : `${title} ${version}`);
  }
  if (choice.fresh && choice.out !== undefined) forgetEarlier(choice.out);
  let failures = 0;
  for (const workload of choice.workloads) {
    const record = await measure(workload, chosen, choice);
    console.log(`\n== ${workload.name}: ${workload.title}\n${tableOf(record)}`);
    for (const remark of remarksOf(record)) console.log(`   ${remark}`);
    if (choice.out !== undefined) writeReport(choice.out, record);
    failures += record.contestants.flatMap(({ runs }) => runs).filter((run) => run.void).length;
  }
  if (choice.out !== undefined) console.log(`\nReport: ${choice.out}/brokers.md`);
  return failures > 0 ? 1 : 0;
}

/** All rounds of one workload; the order of the servers moves on by one each round. */
async function measure(
  workload: Workload,
  chosen: readonly Contestant[],
  choice: Choice,
): Promise<WorkloadRecord> {
  const taking = chosen.filter(
    (contestant) => contestant.version !== undefined && contestant.sitsOut(workload) === undefined,
  );
  const runs = new Map<string, RunRecord[]>(taking.map(({ name }) => [name, []]));
  for (let round = 0; round < choice.rounds; round += 1) {
    for (let at = 0; at < taking.length; at += 1) {
      const contestant = taking[(at + round) % taking.length] as Contestant; // within its length
      progress(`${workload.name} round ${round + 1}/${choice.rounds}: ${contestant.title}`);
      runs.get(contestant.name)?.push(await run(contestant, workload, choice));
    }
  }
  progress("");
  const seconds = Math.max(choice.seconds, workload.secondsMin);
  return {
    workload,
    date: new Date().toISOString().slice(0, 10),
    machine: machineLine(),
    load: loadLine(),
    seconds,
    command: ["node", ...commandOf(timed(workload, choice)).slice(1)].join(" "),
    contestants: chosen.map((contestant) =>
      contestantRecord(contestant, workload, runs.get(contestant.name) ?? []),
    ),
  };
}

async function run(contestant: Contestant, workload: Workload, choice: Choice): Promise<RunRecord> {
  const place = placements(choice.nice);
  try {
    const server = await contestant.start(place.server, workload.tls);
    try {
      const args = [...timed(workload, choice), ...contestant.flags(workload)];
      return runRecord(workload, await runLoad(args, server, place.load));
    } finally {
      await server.stop();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return runRecord(workload, { failure: reason });
  }
}

function timed({ args, kind, secondsMin }: Workload, choice: Choice): readonly string[] {
  const warmup = kind === "connect" ? [] : ["--warmup", String(choice.warmup)];
  return [...args, "--duration", String(Math.max(choice.seconds, secondsMin)), ...warmup];
}

/** One line that the next one replaces, on a terminal only. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}
