/**
 * `npm run bench -- attacks`: attacks MQTT brokers on this machine; see arguments.ts for the flags. The
 * server runs on CPU 0, who attacks and who watches on CPU 1; every attack has a fresh server.
 */
import { WrongUsage } from "../brokers/arguments.js";
import { gist, type Placement, placements, start } from "../brokers/launch.js";
import { loadLine, machineLine } from "../brokers/machine.js";
import type { RunningServer } from "../brokers/servers.js";
import { type Choice, choiceOf, HELP } from "./arguments.js";
import { calmest } from "./calmest.js";
import type { GuardedServer } from "./guarded.js";
import { ATTACKS, type AttackRecord, addToReport, FLOODS, type Outcome } from "./report.js";
import { type Door, RUNS, type Run } from "./runs.js";
import { RIVAL_NAMES, type Rival, rivals } from "./servers.js";

/** How long the attack goes on that ends with SIGTERM. */
const SIGTERM_SECONDS = "3";
/** Ours gives small things back when it has had little to do for ten seconds, and once more for sixteen. */
const SETTLE_SECONDS = "20";
const TOOL = "packages/bench/dist/attack/main.js";

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  try {
    await attackAll(choiceOf(args));
    return 0;
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    console.error(`bench attacks: ${error.message}\n\n${HELP}`);
    return 2;
  }
}

async function attackAll(choice: Choice): Promise<void> {
  const chosen = rivals(choice.dist).filter(({ name }) => choice.servers.includes(name));
  console.log(`${machineLine()}; load ${loadLine()}`);
  for (const { title, version, missing } of chosen) {
    console.log(version === undefined ? `SKIPPED ${title}: ${missing}` : `${title} ${version}`);
  }
  for (const run of RUNS.filter(({ name }) => choice.runs.includes(name))) {
    for (const rival of chosen.filter((one) => canTakePart(one, run))) {
      const record = await recordOf(run, rival, choice);
      console.log(wordsOf(record));
      if (choice.out !== undefined) {
        addToReport(choice.out, record, RIVAL_NAMES, run.isFlood ? FLOODS : ATTACKS);
      }
    }
  }
}

function wordsOf({ attack, serverTitle, outcome, failure }: AttackRecord): string {
  if (outcome === undefined) return `${attack} ${serverTitle}: ${failure}`;
  const { p99Ms, longestSilenceMs } = outcome.canary;
  return (
    `${attack} ${serverTitle}: p99 ${p99Ms.toFixed(1)} ms, ` +
    `longest silence ${longestSilenceMs.toFixed(0)} ms`
  );
}

function canTakePart({ version, startCrowd, startGuarded }: Rival, run: Run): boolean {
  if (version === undefined) return false;
  if (run.isFlood) return startGuarded !== undefined;
  return run.crowd === 0 || startCrowd !== undefined;
}

async function recordOf(run: Run, rival: Rival, choice: Choice): Promise<AttackRecord> {
  const { name, title, version = "?", settings } = rival;
  const { seconds } = choice;
  const scale = Number(choice.scale) * run.times;
  const crowd = Math.round(Number(choice.scale) * run.crowd);
  const about = {
    ...{ attack: run.name, server: name, serverTitle: title, version, settings },
    ...{ date: new Date().toISOString().slice(0, 10), machine: machineLine(), load: loadLine() },
    ...{ seconds: Number(seconds), scale, crowd, door: run.door },
  };
  const flags = ["--only", run.attack, "--scale", `${scale}`];
  try {
    const how: How = { crowd, isFlood: run.isFlood, door: run.door, nice: choice.nice };
    const outcome = await calmest(choice.tries, Number(seconds), () =>
      attacked(rival, how, [...flags, "--seconds", seconds]),
    );
    const ending = ["--seconds", SIGTERM_SECONDS, "--sigterm"];
    const ended = await attacked(rival, how, [...flags, ...ending]);
    return { ...about, outcome, sigtermMs: ended.sigtermMs, failure: undefined };
  } catch (error) {
    const failure = (error as Error).message;
    return { ...about, outcome: undefined, sigtermMs: undefined, failure };
  }
}

/** How a server is set up, and for what. */
interface How {
  readonly crowd: number;
  readonly isFlood: boolean;
  readonly door: Door;
  readonly nice: number;
}

/** Starts a server, attacks it, and stops it. @throws Error saying what went wrong. */
async function attacked(rival: Rival, how: How, flags: readonly string[]): Promise<Outcome> {
  const { server, load } = placements(how.nice);
  // Passwords are checked on threads of their own: with one processor they would only wait in turns.
  const place = how.isFlood ? { ...server, cpu: undefined } : server;
  const running = await startedAs(rival, place, how);
  try {
    return await outcomeOf(running, [...flags, ...running.flags], load);
  } finally {
    await running.stop();
  }
}

async function startedAs(
  rival: Rival,
  place: Placement,
  { crowd, isFlood, door }: How,
): Promise<GuardedServer> {
  const guarded = isFlood ? await rival.startGuarded?.(place, door) : undefined;
  if (guarded !== undefined) return guarded;
  const server = await (crowd > 0 ? rival.startCrowd?.(place, crowd) : rival.start(place));
  if (server === undefined) throw new Error("it cannot have receivers of its own");
  return { ...server, flags: [] };
}

async function outcomeOf(
  { port, pid }: RunningServer,
  flags: readonly string[],
  place: Placement,
): Promise<Outcome> {
  const about = ["--port", `${port}`, "--pid", `${pid}`, "--settle", SETTLE_SECONDS, "--json"];
  const tool = start([process.execPath, TOOL, ...about, ...flags], place);
  let output = "";
  tool.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await tool.ended;
  const [outcome] = parsed(output);
  if (outcome === undefined) throw new Error(gist(tool.complaint()));
  return outcome;
}

function parsed(output: string): readonly Outcome[] {
  try {
    return JSON.parse(output) as readonly Outcome[];
  } catch {
    return [];
  }
}
