import type { CommandIo } from "../command.js";
import { UsageError } from "../flags.js";
import { type AttackChoice, attackChoice, attackHelp } from "./arguments.js";
import { outcomeTable, outcomeText } from "./outcome-text.js";
import { type AttackOutcome, runAttack } from "./run-attack.js";
import type { Watch } from "./watch.js";

/**
 * The whole command: reads arguments, attacks, prints.
 *
 * @param newWatch - Makes the watch of one attack.
 * @returns The exit code: 0 the server held, 1 it did not or could not be attacked, 2 wrong usage.
 */
export async function runAttacks(
  args: readonly string[],
  io: CommandIo,
  newWatch: () => Watch,
): Promise<0 | 1 | 2> {
  if (args.includes("--help")) {
    io.stdout.write(`${attackHelp(io.command)}\n`);
    return 0;
  }
  let choice: AttackChoice;
  try {
    choice = attackChoice(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`${error.message}\nFor all attacks and flags: ${io.command} --help\n`);
    return 2;
  }
  if (choice.scale !== 1 && !choice.json) {
    io.stdout.write(`All numbers of connections, filters and messages times ${choice.scale}.\n`);
  }
  const outcomes: AttackOutcome[] = [];
  const failure = await attackAll(choice, io, newWatch, outcomes);
  if (choice.json) io.stdout.write(`${JSON.stringify(outcomes, null, 2)}\n`);
  else if (outcomes.length > 0) io.stdout.write(`\n${outcomeTable(outcomes)}\n`);
  if (failure !== undefined) io.stderr.write(`${failure}\n`);
  const held = outcomes.every(({ failings }) => failings.length === 0);
  return failure === undefined && held ? 0 : 1;
}

/** @returns why the rest could not be tried, if so. */
async function attackAll(
  { attacks, json, ...options }: AttackChoice,
  io: CommandIo,
  newWatch: () => Watch,
  outcomes: AttackOutcome[],
): Promise<string | undefined> {
  for (const attack of attacks) {
    if (io.stderr.isTTY) io.stderr.write(`\r\x1b[K${attack.name}  ${attack.title} ...`);
    try {
      const outcome = await runAttack(attack, options, newWatch());
      outcomes.push(outcome);
      if (io.stderr.isTTY) io.stderr.write("\r\x1b[K");
      if (!json) io.stdout.write(`${outcomeText(outcome)}\n`);
    } catch (error) {
      const { host, port } = options.address;
      return `${attack.name} at ${host}:${port} could not begin: ${(error as Error).message}`;
    }
  }
  return undefined;
}
