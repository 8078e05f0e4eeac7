import { type Command, Option } from "commander";
import type { LogLevel } from "../server/log-config.js";
import { OPTIONS, type ServerOption } from "../server/option-table.js";

/** Short for the levels that are asked for most; only one of these and `--log-level` makes sense. */
export function addLogFlags(command: Command): void {
  command.addOption(
    new Option("-q, --quiet", "Short for --log-level warn.").conflicts(["verbose", "logLevel"]),
  );
  command.addOption(
    new Option("-v, --verbose", "Short for --log-level debug: subscriptions, too.").conflicts(
      "logLevel",
    ),
  );
}

/** Adds what the short flags say to the values of the flags. */
export function addLogLevel(values: Map<ServerOption, unknown>, command: Command): void {
  const { quiet, verbose } = command.opts<{ quiet?: boolean; verbose?: boolean }>();
  const level: LogLevel | undefined = quiet ? "warn" : verbose ? "debug" : undefined;
  const option = OPTIONS.find(({ path }) => path === "log.level");
  if (level !== undefined && option !== undefined) values.set(option, level);
}
