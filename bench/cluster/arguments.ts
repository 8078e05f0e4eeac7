import { parseArgs } from "node:util";

/** What `npm run bench -- cluster` was asked for. */
export interface Choice {
  readonly rounds: number;
  /** Seconds of each measurement. */
  readonly seconds: number;
  /** Text that a row's name has to have. */
  readonly only: string;
  /** Niceness of all programs, and of their group; 0 leaves it alone. */
  readonly nice: number;
  /** Folder of the report; undefined: nothing is written. */
  readonly out: string | undefined;
}

/** The command line is wrong: the message says where and why. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

export const HELP = `npm run bench -- cluster [flags]   what a message costs between the nodes of a cluster

CPU time of all programs together - nodes and NATS servers - for each message between 50 pairs of
clients, and how long CONNECT takes; beside one server, Mosquitto, and a cluster of nats-server's own
MQTT. In turns. Needs nats-server and mosquitto (Debian: apt install nats-server mosquitto).

  --rounds N    of all rows, one after the other (5)
  --seconds N   of each measurement (3)
  --only TEXT   rows with this text in their name; writes nothing
  --nice N      niceness of all programs, -20..19, for a machine with other work (0)
  --out DIR     where cluster.md and cluster.svg go (bench/results)`;

/**
 * Reads the command line.
 *
 * @throws {@link WrongUsage}
 */
export function choiceOf(args: readonly string[]): Choice {
  const { rounds, seconds, only, nice, out } = valuesIn(args);
  return {
    ...{ rounds: whole("--rounds", rounds, 1, 100), seconds: whole("--seconds", seconds, 1, 600) },
    ...{ only, nice: whole("--nice", nice, -20, 19) },
    out: only === "" ? out : undefined,
  };
}

function valuesIn(args: readonly string[]) {
  try {
    return parseArgs({
      args: joined(args),
      options: {
        rounds: { type: "string", default: "5" },
        seconds: { type: "string", default: "3" },
        only: { type: "string", default: "" },
        nice: { type: "string", default: "0" },
        out: { type: "string", default: "bench/results" },
      },
    }).values;
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error));
  }
}

/** A value that begins with a dash is taken for one only behind an equals sign. */
function joined(args: readonly string[]): string[] {
  const all: string[] = [];
  for (let at = 0; at < args.length; at += 2) {
    const [flag = "", value] = [args[at], args[at + 1]];
    all.push(value === undefined ? flag : `${flag}=${value}`);
  }
  return all;
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new WrongUsage(`${flag} takes a whole number from ${min} to ${max}`);
}
