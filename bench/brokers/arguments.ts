import { SERVER_NAMES } from "./servers.js";
import { QUICK, WORKLOADS, type Workload } from "./workloads.js";

/** What `npm run bench -- brokers` was asked for. */
export interface Choice {
  readonly workloads: readonly Workload[];
  readonly servers: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  /** Of traffic before that, in each run. */
  readonly warmup: number;
  /** Whether what earlier runs have found is left out of the report. */
  readonly fresh: boolean;
  /** Folder of the report; undefined: nothing is written. */
  readonly out: string | undefined;
  /** The built package to measure as ours. */
  readonly dist: string;
  /** Niceness of server and generator, and of their group; 0 leaves it alone. */
  readonly nice: number;
}

/** The command line is wrong: the message says where and why. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

export const HELP = `npm run bench -- brokers [flags]   compares MQTT brokers on this machine

  --only LIST      workloads, by name or its beginning: pairs-50,latency (all)
  --servers LIST   of ${SERVER_NAMES.join(", ")} (all)
  --rounds N       interleaved rounds (5)
  --seconds S      measured time of each run (3)
  --warmup S       the same traffic before that (1)
  --quick          one workload of each kind, 2 rounds of 1 second, nothing written
  --out DIR        where the report goes (bench/results)
  --fresh          a report of this run alone; otherwise its rows replace those of earlier runs
  --dist DIR       the built package to measure as ours (dist)
  --nice N         niceness of server and generator, -20..19, for a machine with other work (0)
  --list           print the names of the workloads`;

/**
 * Reads the command line.
 *
 * @throws {@link WrongUsage}
 */
export function choiceOf(args: readonly string[]): Choice {
  const quick = args.includes("--quick");
  const given = valuesOf(args.filter((argument) => !SWITCHES.includes(argument)));
  const only = given.get("--only");
  return {
    workloads: only === undefined ? everything(quick) : named(only),
    servers: listed("--servers", given.get("--servers"), SERVER_NAMES),
    rounds: number("--rounds", given.get("--rounds") ?? (quick ? "2" : "5"), 1, 1000),
    seconds: number("--seconds", given.get("--seconds") ?? (quick ? "1" : "3"), 0.2, 600),
    warmup: number("--warmup", given.get("--warmup") ?? "1", 0, 600),
    fresh: args.includes("--fresh"),
    out: given.get("--out") ?? (quick ? undefined : "bench/results"),
    dist: given.get("--dist") ?? "dist",
    nice: number("--nice", given.get("--nice") ?? "0", -20, 19),
  };
}

function valuesOf(args: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at += 2) {
    const flag = args[at] as string; // at < length
    const value = args[at + 1];
    if (!FLAGS.includes(flag)) throw new WrongUsage(`unknown flag ${flag}`);
    if (value === undefined) throw new WrongUsage(`${flag} needs a value`);
    given.set(flag, value);
  }
  return given;
}

function everything(quick: boolean): readonly Workload[] {
  return WORKLOADS.filter(({ name }) => !quick || QUICK.includes(name));
}

function named(list: string): readonly Workload[] {
  const wanted = list.split(",");
  for (const name of wanted) {
    if (name === "" || !WORKLOADS.some((workload) => workload.name.startsWith(name))) {
      throw new WrongUsage(`--only: no workload begins with "${name}"; --list names them`);
    }
  }
  return WORKLOADS.filter((workload) => wanted.some((name) => workload.name.startsWith(name)));
}

function listed(flag: string, list: string | undefined, known: readonly string[]) {
  const wanted = list === undefined ? known : list.split(",");
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new WrongUsage(`${flag}: "${unknown}" is none of ${known.join(", ")}`);
  }
  return wanted;
}

function number(flag: string, text: string, min: number, max: number): number {
  if (!/^-?\d+(\.\d+)?$/.test(text) || Number(text) < min || Number(text) > max) {
    throw new WrongUsage(`${flag}: "${text}" is not a number from ${min} to ${max}`);
  }
  return Number(text);
}

const FLAGS = [
  ...["--only", "--servers", "--rounds", "--seconds", "--warmup"],
  ...["--out", "--dist", "--nice"],
];
const SWITCHES = ["--quick", "--fresh"];
