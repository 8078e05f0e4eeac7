import { describe, expect, it } from "vitest";
import { serverLog } from "../../src/server/log.js";
import type { LogConfig } from "../../src/server/log-config.js";

/** A log over a stream that takes everything until `waiting` says that it does not. */
function logOf(config: Partial<LogConfig> = {}) {
  const target = {
    text: "",
    writableLength: 0,
    write(text: string): void {
      target.text += text;
    },
  };
  const log = serverLog({ level: "info", format: "json", ...config }, target);
  const lines = (): Record<string, unknown>[] =>
    target.text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, target, lines };
}

describe("the log of the server", () => {
  it("writes an object a line: level, time, fields and the words", () => {
    const { log, lines } = logOf();
    log.info?.("refused client", { client: "a", returnCode: 5 });
    expect(lines()).toEqual([
      {
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        client: "a",
        returnCode: 5,
        msg: "refused client",
      },
    ]);
  });

  it("writes a line for people: time, level, words", () => {
    const { log, target } = logOf({ format: "text" });
    log.warn?.("dropped a message", { client: "a" });
    expect(target.text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z WARN {2}dropped a message\n$/);
  });

  it.each([
    ["error", ["error"]],
    ["warn", ["error", "warn"]],
    ["info", ["error", "warn", "info"]],
    ["debug", ["error", "warn", "info", "debug"]],
  ] as const)("at level %s has members for that level and those before it", (level, members) => {
    const { log, lines } = logOf({ level });
    const names = ["error", "warn", "info", "debug"] as const;
    expect(names.filter((name) => log[name] !== undefined)).toEqual(members);
    for (const name of ["error", "warn", "info", "debug"] as const) log[name]?.(name, {});
    expect(lines().map(({ msg }) => msg)).toEqual(members);
  });

  it("has other members when its level is another", () => {
    const { log, lines } = logOf({ level: "warn" });
    const write = () => {
      log.debug?.("debug", {});
      log.warn?.("warn", {});
    };
    write();
    log.level = "debug";
    write();
    log.level = "error";
    write();
    expect(log.level).toBe("error");
    expect(lines().map(({ msg }) => msg)).toEqual(["warn", "debug", "warn"]);
  });

  it.each([
    ["limits.packetBytesMax", "; see --packet-bytes-max"],
    ["controlCharacters", "; see --control-characters"],
    ["dupAtQos0", "; see --dup-at-qos0"],
    ["pointToPoint.offline", "; see --p2p-offline"],
    ["mqtt31", "; see --no-mqtt31"],
    ["takeOverBy", "; see --take-over-by"],
    ["pointToPoint", ""],
  ])("names the flag of an option: %s", (option, words) => {
    const { log, lines } = logOf();
    log.info?.("no", { option });
    expect(lines()[0]).toMatchObject({ msg: `no${words}`, option });
  });

  it("leaves out and counts what a reader that does not read makes too much", () => {
    const { log, target, lines } = logOf();
    log.info?.("first", {});
    target.writableLength = 1024 * 1024 + 1;
    log.info?.("second", {});
    log.info?.("third", {});
    target.writableLength = 0;
    log.info?.("fourth", {});
    log.info?.("fifth", {});
    expect(lines().map(({ msg, count }) => [msg, count])).toEqual([
      ["first", undefined],
      ["left out 2 lines that nobody took", 2],
      ["fourth", undefined],
      ["fifth", undefined],
    ]);
  });
});
