import { type Command, Option } from "commander";
import { type Effective, readEffective } from "../server/config/effective.js";
import { addLogFlags, addLogLevel } from "./log-flags.js";
import { addOptions, flagValues } from "./option-flags.js";

/** Gives a command everything that says with what a server runs: the file and the flags. */
export function addConfigFlags(command: Command): void {
  command.addOption(
    new Option(
      "-c, --config <file>",
      "Configuration file, YAML or JSON. Default: beeline.yaml in this folder, if it is there.",
    ),
  );
  addOptions(command);
  addLogFlags(command);
}

/**
 * Reads the file and the variables that a command is about, and lays its flags over them.
 *
 * @throws ConfigError as `readEffective`.
 */
export function effectiveOf(command: Command): Promise<Effective> {
  const flags = flagValues(command);
  addLogLevel(flags, command);
  const { config: file } = command.opts<{ config?: string }>();
  return readEffective({ file, flags, variables: process.env });
}
