import { Option } from "commander";
import { LOG_FORMATS, LOG_LEVELS, type LogConfig } from "../server/log-config.js";

/** What `beeline start` was told about its log, as commander names it. */
export interface LogFlags {
  readonly logLevel?: LogConfig["level"];
  readonly logFormat?: LogConfig["format"];
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** The flags of the log. `-q` and `-v` are levels, too: only one of the three makes sense. */
export function logOptions(): Option[] {
  return [
    new Option("--log-level <level>", "how much is logged (default: info)")
      .choices(LOG_LEVELS)
      .conflicts(["quiet", "verbose"]),
    new Option("-q, --quiet", "log warnings and errors only").conflicts("verbose"),
    new Option("-v, --verbose", "log connects and disconnects, too"),
    new Option(
      "--log-format <format>",
      "json: an object a line; text: for people (default: text on a terminal)",
    ).choices(LOG_FORMATS),
  ];
}

/** @param isTerminal - Whether people look at the log. */
export function logConfigFrom(flags: LogFlags, isTerminal: boolean): LogConfig {
  const { quiet, verbose, logLevel = quiet ? "warn" : verbose ? "debug" : "info" } = flags;
  return { level: logLevel, format: flags.logFormat ?? (isTerminal ? "text" : "json") };
}
