/** What `npm run bench -- operations` was asked for. */
export interface Choice {
  readonly rounds: number;
  /** Text that a row's name has to have. */
  readonly only: string;
  /** Seconds of each measurement. */
  readonly seconds: number;
  /** Clients whose list is paged. */
  readonly clients: number;
  /** Niceness of server and generator, and of their group; 0 leaves it alone. */
  readonly nice: number;
  /** Folder of the report; undefined: nothing is written. */
  readonly out: string | undefined;
}

/** The command line is wrong: the message says where and why. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

export const HELP = `npm run bench -- operations [flags]   what it costs to watch a server

First the CPU time of the server for each message with log, metrics (read every second), $SYS and
presence on, to the same with all of it off. Then the p99 of messages while the API is flooded, and
while a list of clients is paged, to that of the same server left alone. In turns.

  --rounds N    pairs of measurements for each row (7)
  --seconds N   of each measurement (4)
  --clients N   clients in the list that is paged (100000)
  --only TEXT   rows with this text in their name (all)
  --nice N      niceness of server and generator, -20..19, for a machine with other work (0)
  --out DIR     where operations.md goes: rows that were measured replace their own (bench/results)`;

/**
 * Reads the command line.
 *
 * @throws {@link WrongUsage}
 */
export function choiceOf(args: readonly string[]): Choice {
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at += 2) {
    const [flag = "", value] = [args[at], args[at + 1]];
    if (!FLAGS.includes(flag)) throw new WrongUsage(`unknown flag ${flag}`);
    if (value === undefined) throw new WrongUsage(`${flag} needs a value`);
    given.set(flag, value);
  }
  const whole = (flag: string, otherwise: number): number => {
    const value = Number(given.get(flag) ?? otherwise);
    if (Number.isInteger(value) && value > 0) return value;
    throw new WrongUsage(`${flag} takes 1, 2, 3, ...`);
  };
  return {
    ...{ rounds: whole("--rounds", 7), seconds: whole("--seconds", 4) },
    ...{ clients: whole("--clients", 100_000), only: given.get("--only") ?? "" },
    ...{ nice: niceness(given.get("--nice") ?? "0"), out: given.get("--out") ?? "bench/results" },
  };
}

function niceness(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= -20 && value <= 19) return value;
  throw new WrongUsage("--nice takes a whole number from -20 to 19");
}

const FLAGS = ["--rounds", "--seconds", "--clients", "--only", "--nice", "--out"];
