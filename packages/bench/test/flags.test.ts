import { describe, expect, it } from "vitest";
import { FLAGS, UsageError } from "../src/flags.js";
import { SCENARIO_NAMES } from "../src/options.js";

function read(name: string, text: string) {
  const flag = FLAGS.find((candidate) => candidate.name === name);
  if (flag === undefined) expect.fail(`no flag ${name}`);
  return flag.read(text);
}

describe("the flags", () => {
  it.each([
    ["host", "example.org", { host: "example.org" }],
    ["port", "65535", { port: 65_535 }],
    ["receivers-at", "b:1884", { receiversAt: [{ host: "b", port: 1884 }] }],
    [
      "receivers-at",
      "10.0.0.2:1,[::1]:65535",
      {
        receiversAt: [
          { host: "10.0.0.2", port: 1 },
          { host: "::1", port: 65_535 },
        ],
      },
    ],
    ["ifaddr", "127.0.0.1-3", { sourceAddresses: ["127.0.0.1", "127.0.0.2", "127.0.0.3"] }],
    ["ifaddr", "10.0.0.9,::1", { sourceAddresses: ["10.0.0.9", "::1"] }],
    ["count", "1000000", { count: 1_000_000 }],
    ["p2p", "", { p2p: true }],
    ["persistent", "", { persistent: true }],
    ["parent", "télémétrie", { parent: "télémétrie" }],
    ["qos", "2", { qos: 2 }],
    ["size", "16", { payloadBytes: 16 }],
    ["window", "60000", { window: 60_000 }],
    ["rate", "0.5", { ratePerSecond: 0.5 }],
    ["connrate", "500", { connectsPerSecond: 500 }],
    ["wildcards", "100", { wildcardPercent: 100 }],
    ["frozen", "0", { frozen: 0 }],
    ["fill", "0.25", { fillMib: 0.25 }],
    ["warmup", "0", { warmupSeconds: 0 }],
    ["duration", "0.1", { durationSeconds: 0.1 }],
    ["processes", "64", { processes: 64 }],
    ["pid", "4711", { serverPid: 4711 }],
    ["seed", "0", { seed: 0 }],
  ])("--%s %s is understood", (name, text, expected) => {
    expect(read(name, text)).toEqual(expected);
  });

  it.each([
    ["host", "", "is empty"],
    ["port", "0", '"0" is not a whole number from 1 to 65535'],
    ["port", "65536", '"65536" is not a whole number from 1 to 65535'],
    ["port", "1e3", '"1e3" is not a whole number from 1 to 65535'],
    ["receivers-at", "b", '"b" is not HOST:PORT'],
    ["receivers-at", "b:0", '"b:0" is not HOST:PORT'],
    ["receivers-at", "b:1,", '"" is not HOST:PORT'],
    ["receivers-at", "::1:1883", '"::1:1883" is not HOST:PORT'],
    ["ifaddr", "127.0.0.1-300", '"127.0.0.1-300" is neither an IP address nor a range'],
    ["ifaddr", "127.0.0.9-3", '"127.0.0.9-3" is neither an IP address nor a range'],
    ["ifaddr", "eth0", '"eth0" is neither an IP address nor a range'],
    ["parent", "a/b", '"a/b" is not one topic level'],
    ["parent", "$SYS", '"$SYS" is not one topic level'],
    ["parent", "+", '"+" is not one topic level'],
    ["qos", "3", '"3" is not a whole number from 0 to 2'],
    ["size", "15", '"15" is not a whole number from 16 to 16777216'],
    ["window", "60001", '"60001" is not a whole number from 1 to 60000'],
    ["rate", "0", '"0" is not a number from 0.001 to 10000000'],
    ["rate", "-5", '"-5" is not a number from 0.001 to 10000000'],
    ["duration", "ten", '"ten" is not a number from 0.1 to 86400'],
  ])("--%s %s is refused with the reason", (name, text, reason) => {
    expect(() => read(name, text)).toThrow(UsageError);
    expect(() => read(name, text)).toThrow(reason);
  });

  it("have names and letters of their own, and belong to at least one scenario", () => {
    const written = FLAGS.flatMap(({ name, short }) => [
      `--${name}`,
      ...(short ? [`-${short}`] : []),
    ]);
    expect(new Set(written).size).toBe(written.length);
    for (const { scenarios } of FLAGS) {
      expect(scenarios.length).toBeGreaterThan(0);
      expect(SCENARIO_NAMES).toEqual(expect.arrayContaining([...scenarios]));
    }
  });
});
