import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addLogFlags, addLogLevel } from "../../src/cli/log-flags.js";
import { addOptions, flagValues } from "../../src/cli/option-flags.js";
import { nested } from "../../src/server/option-table.js";

/** What flags say of the log. */
function logOf(args: readonly string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addOptions(command);
  addLogFlags(command);
  command.parse(args, { from: "user" });
  const values = flagValues(command);
  addLogLevel(values, command);
  return nested(values).log;
}

describe("the flags of the log", () => {
  it.each([
    [[], undefined],
    [["-q"], { level: "warn" }],
    [["--quiet"], { level: "warn" }],
    [["-v"], { level: "debug" }],
    [["--verbose"], { level: "debug" }],
    [["--log-level", "error"], { level: "error" }],
    [["--log-format", "text"], { format: "text" }],
    [["-q", "--log-format", "json"], { level: "warn", format: "json" }],
  ])("%s: %j", (args, log) => {
    expect(logOf(args)).toEqual(log);
  });

  it.each([
    [["-q", "-v"]],
    [["-v", "--log-level", "info"]],
    [["--log-level", "info", "-q"]],
    [["--log-level", "loud"]],
    [["--log-format", "xml"]],
  ])("refuses %s", (args) => {
    expect(() => logOf(args)).toThrow();
  });
});
