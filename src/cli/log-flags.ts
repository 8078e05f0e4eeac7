import { type Command, Option } from "commander";
import type { LogLevel } from "../server/log-config.js";
import type { GivenOptions } from "../server/option-table.js";

/** Short for the levels that are asked for most; only one of these and `--log-level` makes sense. */
export function addLogFlags(command: Command): void {
  command.addOption(
    new Option("-q, --quiet", "Short for --log-level warn.").conflicts(["verbose", "logLevel"]),
  );
  command.addOption(
    new Option(
      "-v, --verbose",
      "Short for --log-level debug: connects and disconnects, too.",
    ).conflicts("logLevel"),
  );
}

/** The options, with what the short flags say. */
export function withLogFlags(given: GivenOptions, command: Command): GivenOptions {
  const { quiet, verbose } = command.opts<{ quiet?: boolean; verbose?: boolean }>();
  const level: LogLevel | undefined = quiet ? "warn" : verbose ? "debug" : undefined;
  return level === undefined ? given : { ...given, log: { ...given.log, level } };
}
