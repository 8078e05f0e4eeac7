import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { logConfigFrom, logOptions } from "../../src/cli/log-flags.js";

/** What flags make of the log, with people or without them looking at it. */
function config(args: readonly string[], isTerminal = false) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  for (const option of logOptions()) command.addOption(option);
  return logConfigFrom(command.parse(args, { from: "user" }).opts(), isTerminal);
}

describe("the flags of the log", () => {
  it.each([
    [[], "info"],
    [["-q"], "warn"],
    [["--quiet"], "warn"],
    [["-v"], "debug"],
    [["--verbose"], "debug"],
    [["--log-level", "error"], "error"],
    [["--log-level", "debug"], "debug"],
  ])("%s: level %s", (args, level) => {
    expect(config(args).level).toBe(level);
  });

  it("writes text on a terminal and JSON elsewhere, unless it is told", () => {
    expect([config([]).format, config([], true).format]).toEqual(["json", "text"]);
    expect(config(["--log-format", "json"], true).format).toBe("json");
    expect(config(["--log-format", "text"]).format).toBe("text");
  });

  it.each([
    [["-q", "-v"]],
    [["-v", "--log-level", "info"]],
    [["--log-level", "info", "-q"]],
    [["--log-level", "loud"]],
    [["--log-format", "xml"]],
  ])("refuses %s", (args) => {
    expect(() => config(args)).toThrow();
  });
});
