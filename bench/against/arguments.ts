/** What `npm run bench -- against` was asked for. */
export interface Choice {
  /** A commit, tag or branch of this repository. */
  readonly revision: string;
  readonly rounds: number;
  /** Text that a row's name has to have. */
  readonly only: string;
}

/** The command line is wrong: the message says where and why. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

export const HELP = `npm run bench -- against REVISION [flags]   compares this checkout with an older one

Takes the older one from git into .cache/against, installs and builds it there, and measures both in
turns: CPU time a packet of the codec, CPU time a message of the server. Writes nothing.

  --rounds N    pairs of measurements for each row (7)
  --only TEXT   rows with this text in their name (all)`;

/**
 * Reads the command line.
 *
 * @throws {@link WrongUsage}
 */
export function choiceOf([revision, ...flags]: readonly string[]): Choice {
  if (revision === undefined || revision.startsWith("-")) throw new WrongUsage("no revision given");
  let rounds = 7;
  let only = "";
  for (let at = 0; at < flags.length; at += 2) {
    const [flag, value] = [flags[at], flags[at + 1]];
    if (value === undefined) throw new WrongUsage(`${flag} needs a value`);
    if (flag === "--rounds") rounds = Number(value);
    else if (flag === "--only") only = value;
    else throw new WrongUsage(`unknown flag ${flag}`);
  }
  if (!Number.isInteger(rounds) || rounds < 1) throw new WrongUsage("--rounds takes 1, 2, 3, ...");
  return { revision, rounds, only };
}
