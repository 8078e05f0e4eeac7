import { Command, CommanderError } from "commander";
import { UsageError } from "../protocol/errors.js";
import { ConfigError } from "../server/config/problem.js";
import type { Lines } from "../server/run-server.js";
import { serverVersion } from "../server/version.js";
import { checkCommand } from "./check-command.js";
import { clusterCommand } from "./cluster-command.js";
import { ctlCommand } from "./ctl-command.js";
import { healthCommand } from "./health-command.js";
import { importCommand } from "./import-command.js";
import { passwdCommand } from "./passwd-command.js";
import { reloadCommand } from "./reload-command.js";
import { startCommand } from "./start-command.js";
import { storeCommand } from "./store-command.js";
import { type Streams, TOOLS } from "./tools.js";

/** Exit codes of the command. */
export const ExitCode = {
  OK: 0,
  /** It could not do what it was asked to: the port is taken, a file is missing. */
  FAILED: 1,
  /** It was asked for something that cannot be: a flag or value that does not exist. */
  USAGE: 2,
} as const;

/**
 * Runs `beeline` with the arguments behind its name. Flags without a command belong to `start`.
 *
 * @returns the exit code; everything there is to say has been said.
 */
export async function runProgram(args: readonly string[], streams: Streams): Promise<number> {
  const lines: Lines = {
    out: (line) => streams.stdout.write(`${line}\n`),
    err: (line) => streams.stderr.write(`${line}\n`),
  };
  try {
    const [name = "", ...rest] = args;
    const tool = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
    if (tool !== undefined) return await tool.run(rest, streams);
    await programOver(lines).parseAsync(withDefaultCommand(args), { from: "user" });
    return ExitCode.OK;
  } catch (error) {
    return exitCodeFor(error, lines);
  }
}

function programOver(lines: Lines): Command {
  const program = new Command("beeline")
    .description("MQTT 3.1.1 broker with point-to-point delivery")
    .version(serverVersion(), "-V, --version")
    .addHelpText("after", "\nFlags without a command belong to start: beeline --port 1884\n");
  program.addCommand(startCommand(lines));
  program.addCommand(checkCommand(lines));
  program.addCommand(importCommand(lines));
  program.addCommand(reloadCommand(lines));
  program.addCommand(storeCommand(lines));
  program.addCommand(healthCommand(lines));
  program.addCommand(ctlCommand(lines));
  program.addCommand(clusterCommand(lines));
  program.addCommand(passwdCommand(lines));
  for (const [name, { description }] of Object.entries(TOOLS)) {
    program.command(name).description(description); // for the help: it never gets here
  }
  for (const command of withSubcommands(program)) speakThrough(command, lines);
  return program;
}

/** What `beeline` alone understands; all other flags are those of `start`. */
const OWN_FLAGS = ["-h", "--help", "-V", "--version"];

function withDefaultCommand(args: readonly string[]): string[] {
  const [first] = args;
  const isCommand = first !== undefined && (!first.startsWith("-") || OWN_FLAGS.includes(first));
  return isCommand ? [...args] : ["start", ...args];
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function speakThrough(command: Command, lines: Lines): void {
  command.configureOutput({
    writeOut: (text) => lines.out(text.trimEnd()),
    writeErr: (text) => lines.err(text.trimEnd()),
  });
  command.exitOverride((error) => {
    if (MISSING.has(error.code)) lines.err(usageOf(command));
    throw error;
  });
}

/** What commander calls arguments and flags that must be there. */
const MISSING: ReadonlySet<string> = new Set([
  "commander.missingArgument",
  "commander.missingMandatoryOptionValue",
]);

/** Which argument comes where: its name alone does not say. */
function usageOf(command: Command): string {
  let name = command.name();
  for (let { parent } = command; parent !== null; { parent } = parent) {
    name = `${parent.name()} ${name}`;
  }
  return `Usage: ${name} ${command.usage()}`;
}

function exitCodeFor(error: unknown, lines: Lines): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE; // it has said what is wrong
  }
  const message = error instanceof Error ? error.message : String(error);
  for (const line of message.split("\n")) lines.err(`error: ${line}`);
  return error instanceof UsageError || error instanceof ConfigError
    ? ExitCode.USAGE
    : ExitCode.FAILED;
}
