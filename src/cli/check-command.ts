import { Command } from "commander";
import { UsageError } from "../protocol/errors.js";
import { ConfigError } from "../server/config/problem.js";
import type { Lines } from "../server/run-server.js";
import { serverConfigFrom } from "../server/server-config.js";
import { addConfigFlags, effectiveOf } from "./config-flags.js";

/** `beeline check`: everything that a start would verify, and nothing is started. */
export function checkCommand(lines: Lines): Command {
  const command = new Command("check").description(
    "check what a start would: options, files, folders (but not whether ports are free)",
  );
  addConfigFlags(command);
  command.action(async () => {
    const problems = await check(command, lines);
    for (const problem of problems) lines.err(`error: ${problem}`);
    if (problems.length > 0) {
      throw new Error(`${counted(problems.length)}: a server would not start like this`);
    }
    lines.out("everything is in order: a server would start like this");
  });
  return command;
}

/** @returns what is wrong. */
async function check(command: Command, lines: Lines): Promise<readonly string[]> {
  try {
    const { given, sources } = await effectiveOf(command);
    const config = serverConfigFrom(given, sources);
    const { checkStart } = await import("../server/start-checks.js");
    const { problems, warnings } = await checkStart(config);
    for (const warning of warnings) lines.out(`warning: ${warning}`);
    return problems.flatMap((problem) => problem.split("\n")); // a file may have several
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    if (error instanceof UsageError) return [error.message];
    throw error;
  }
}

function counted(count: number): string {
  return count === 1 ? "1 thing is wrong" : `${count} things are wrong`;
}
