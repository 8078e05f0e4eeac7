import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { limitOptions, limitsFrom } from "../../src/cli/limit-flags.js";
import { DEFAULT_LIMITS } from "../../src/ports/limits.js";

function parse(...args: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  for (const option of limitOptions()) command.addOption(option);
  command.parse(args, { from: "user" });
  return limitsFrom(command.opts());
}

describe("the limit flags", () => {
  it("[M04] are one for each limit, with a description and the default", () => {
    const options = limitOptions();
    expect(options).toHaveLength(Object.keys(DEFAULT_LIMITS).length);
    for (const option of options) {
      const name = option.attributeName() as keyof typeof DEFAULT_LIMITS; // what the test is about
      expect(option.description).toMatch(new RegExp(`^(?!${name}).+ \\(default: \\d+\\)$`));
      expect(option.description).toContain(`(default: ${DEFAULT_LIMITS[name]})`);
    }
  });

  it("name the unit of their value", () => {
    const flags = limitOptions().map(({ flags }) => flags);
    expect(flags).toContain("--packet-bytes-max <bytes>");
    expect(flags).toContain("--stalled-ms <ms>");
    expect(flags).toContain("--keep-alive-seconds-max <s>");
    expect(flags).toContain("--in-flight-max <count>");
  });

  it("set the limits that were given, and no others", () => {
    expect(parse("--in-flight-max", "7", "--packet-bytes-max", "2048")).toEqual({
      inFlightMax: 7,
      packetBytesMax: 2048,
    });
    expect(parse()).toEqual({});
  });

  it.each(["0", "65536", "-1", "1.5", "many", "1e3", ""])(
    "[M04] refuse %j with the flag and what is allowed",
    (value) => {
      expect(() => parse(`--in-flight-max=${value}`)).toThrow(
        `error: option '--in-flight-max <count>' argument '${value}' is invalid. ` +
          "allowed are whole numbers from 1 to 65535",
      );
    },
  );
});
