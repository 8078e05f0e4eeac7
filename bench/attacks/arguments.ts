import { parseArgs } from "node:util";
import { WrongUsage } from "../brokers/arguments.js";
import { DOORS, RUNS } from "./runs.js";
import { RIVAL_NAMES } from "./servers.js";

/** What `npm run bench -- attacks` was asked for. */
export interface Choice {
  /** Names of {@link RUNS}. */
  readonly runs: readonly string[];
  readonly servers: readonly string[];
  readonly seconds: string;
  readonly scale: string;
  /** Niceness of server and attacker, and of their group; 0 leaves it alone. */
  readonly nice: number;
  /** How often an attack may be carried out in which server or innocent pair had to wait for a CPU. */
  readonly tries: number;
  readonly out: string | undefined;
  readonly dist: string;
}

export const HELP = `npm run bench -- attacks [flags]   attacks MQTT brokers on this machine

  --only LIST      attacks: T1,T3, and T1x10 with ten times as many clients; floods of peers that
                   are never let in: I01,I02,I03,K11,M02, and I01-tls,I01-ws through other doors (all)
  --door LIST      only attacks through these doors, of ${DOORS.join(", ")} (all)
  --servers LIST   of ${RIVAL_NAMES.join(", ")} (all)
  --seconds S      how long one goes on (10)
  --scale X        multiplies all numbers of connections, filters and messages (1)
  --nice N         niceness of server and attacker, -20..19, for a machine with other work (0)
  --tries N        carries an attack out anew, up to N times in all, while server or innocent pair wait
                   for a CPU a tenth of the time; the calmest counts, whatever it shows (1)
  --quick          T2 at a tenth, one second, nothing written
  --out DIR        where the report goes (bench/results)
  --dist DIR       the built package to attack as ours (dist)`;

const NAMES = RUNS.map(({ name }) => name);

/** Reads the command line. @throws {@link WrongUsage} */
export function choiceOf(args: readonly string[]): Choice {
  const given = valuesOf(args);
  const { quick } = given;
  return {
    runs: runsOf(given.only ?? (quick ? "T2" : NAMES.join(",")), given.door),
    servers: listed("--servers", given.servers ?? RIVAL_NAMES.join(","), RIVAL_NAMES),
    seconds: given.seconds ?? (quick ? "1" : "10"),
    scale: given.scale ?? (quick ? "0.1" : "1"),
    out: given.out ?? (quick ? undefined : "bench/results"),
    nice: niceness(given.nice ?? "0"),
    tries: triesFrom(given.tries ?? "1"),
    dist: given.dist ?? "dist",
  };
}

function valuesOf(args: readonly string[]) {
  const text = { type: "string" } as const;
  const options = {
    only: text,
    servers: text,
    seconds: text,
    scale: text,
    out: text,
    dist: text,
    nice: text,
    tries: text,
    door: text,
  };
  try {
    const quick = { type: "boolean", default: false } as const;
    // A value with a minus looks like a flag to it, unless it stands behind "=".
    const joined = args.join("\0").replace("--nice\0", "--nice=");
    return parseArgs({
      args: joined === "" ? [] : joined.split("\0"),
      options: { ...options, quick },
    }).values;
  } catch (error) {
    throw new WrongUsage((error as Error).message);
  }
}

function runsOf(only: string, doorList = DOORS.join(",")): readonly string[] {
  const doors = listed("--door", doorList, DOORS);
  const runs = listed("--only", only, NAMES);
  return runs.filter((name) => RUNS.some((run) => run.name === name && doors.includes(run.door)));
}

function niceness(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= -20 && value <= 19) return value;
  throw new WrongUsage("--nice takes a whole number from -20 to 19");
}

function triesFrom(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new WrongUsage("--tries takes a whole number from 1");
}

function listed(flag: string, list: string, known: readonly string[]): readonly string[] {
  const wanted = list.split(",");
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown === undefined) return wanted;
  throw new WrongUsage(`${flag}: "${unknown}" is none of ${known.join(", ")}`);
}
