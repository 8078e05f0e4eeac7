import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addOptions, flagValues } from "../../src/cli/option-flags.js";
import { FLAG_OPTIONS, nested } from "../../src/server/option-table.js";

function commandWithOptions(): Command {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addOptions(command);
  return command;
}

function parse(...args: string[]) {
  const command = commandWithOptions();
  command.parse(args, { from: "user" });
  return nested(flagValues(command));
}

describe("the flags of the option table", () => {
  it("[M04] are one for each option, with its sentence and its default", () => {
    const help = commandWithOptions().helpInformation().replace(/\s+/g, " ");
    for (const { flag, row } of FLAG_OPTIONS) {
      expect(help).toContain(` ${flag}`);
      expect(help).toContain(row.about);
    }
    expect(help).toContain("Default: 65536 (64 KiB).");
    expect(help.match(/ Default: /g)).toHaveLength(FLAG_OPTIONS.length);
  });

  it.each([80, 100, 120])("[M04] are explained in lines that fit %i characters", (width) => {
    const command = commandWithOptions().configureOutput({ getOutHelpWidth: () => width });
    const lines = command.helpInformation().split("\n");
    for (const line of lines)
      if (/ {32}/.test(line)) expect(line.length).toBeLessThanOrEqual(width);
    const at = lines.findIndex((line) =>
      line.includes("--presence-webhook-queue-bytes-max <bytes>"),
    );
    expect(lines[at]).toBe("  --presence-webhook-queue-bytes-max <bytes>"); // too long for the column
    expect(lines[at + 1]).toMatch(/^ {34}Most memory/);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}--port <number> {17}TCP port/));
  });

  it("[M04] speak of all strings where control characters are meant", () => {
    const help = commandWithOptions().helpInformation().replace(/\s+/g, " ");
    expect(help).toMatch(/--control-characters <choice> .* in any text a client sends: topics, cl/);
  });

  it("name the unit of their value", () => {
    const help = commandWithOptions().helpInformation();
    for (const flag of [
      "--packet-bytes-max <bytes>",
      "--stalled-ms <ms>",
      "--keep-alive-seconds-max <s>",
      "--in-flight-max <count>",
      "--port <number>",
      "--data-dir <folder>",
      "--p2p-parents <names...>",
      "--p2p-offline <choice>",
    ]) {
      expect(help).toContain(flag);
    }
  });

  it("set the options that were given, and no others", () => {
    expect(
      parse(
        ...["--in-flight-max", "7", "--packet-bytes-max", "2048", "--port", "0"],
        ...["--p2p-parents", "a", "b", "--p2p-offline", "both", "--data-dir", "d"],
      ),
    ).toEqual({
      port: 0,
      limits: { inFlightMax: 7, packetBytesMax: 2048 },
      pointToPoint: { parents: ["a", "b"], offline: "both" },
      store: { dataDir: "d" },
    });
    expect(parse()).toEqual({});
  });

  it("take a number with a unit", () => {
    expect(parse("--packet-bytes-max", "8MiB", "--stalled-ms=1.5 min")).toEqual({
      limits: { packetBytesMax: 8_388_608, stalledMs: 90_000 },
    });
    expect(() => parse("--packet-bytes-max", "8 s")).toThrow(
      "Allowed: whole numbers from 64 to 268435460, in bytes, or with a unit: KiB, MiB, GiB.",
    );
  });

  it("turn switches on and off, whatever their default is; the last one counts", () => {
    expect(parse("--memory", "--no-mqtt31", "--no-p2p")).toEqual({
      store: { memory: true },
      mqtt31: false,
      pointToPoint: { enabled: false },
    });
    expect(parse("--no-memory", "--mqtt31")).toEqual({ store: { memory: false }, mqtt31: true });
    expect(parse("--bridges", "--no-bridges")).toEqual({ bridges: false });
  });

  it("show a switch that is on with its opposite", () => {
    const help = commandWithOptions().helpInformation();
    expect(help).toContain("--mqtt31, --no-mqtt31");
    expect(help).not.toContain("--no-memory");
  });

  it.each(["0", "65536", "-1", "1.5", "many", "1e3", "", "99999999999999999999"])(
    "[M04] refuse %j with the flag and what is allowed",
    (value) => {
      expect(() => parse(`--inbound-in-flight-max=${value}`)).toThrow(
        `error: option '--inbound-in-flight-max <count>' argument '${value}' is invalid. ` +
          "Allowed: whole numbers from 1 to 65535.",
      );
    },
  );

  it.each([
    [
      ["--p2p-offline", "recever"],
      /Allowed: receiver, sender, both, never; did you mean receiver\?$/,
    ],
    [["--durability", "no"], "argument 'no' is invalid. Allowed: sync, fast."],
    [["--p2p-parents", "ok", "$SYS"], "argument '$SYS' is invalid. Allowed: single topic"],
    [["--ws-path", "mqtt"], "Allowed: paths that start with /."],
    [["--memory=yes"], "unknown option '--memory=yes'"],
    [["--queue-message-max", "5"], "(Did you mean --queue-messages-max?)"],
  ])("[M04] refuse %j by value and nearest name", (args, sentence) => {
    expect(() => parse(...args)).toThrow(sentence);
  });
});
