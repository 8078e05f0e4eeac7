import { describe, expect, it } from "vitest";
import { FLAGS, UsageError } from "../src/flags.js";
import {
  benchHelp,
  benchOptions,
  flagsOf,
  parseBenchArguments,
  SCENARIOS,
} from "../src/scenarios.js";

function parse(commandLine: string) {
  return parseBenchArguments(commandLine.split(" ").filter((word) => word !== ""));
}

describe("the scenarios", () => {
  it("run without any flag", () => {
    for (const { name, scenario } of SCENARIOS) expect(parse(name).scenario).toBe(scenario);
  });

  it("take what the command line says over what they default to", () => {
    expect(parse("pairs")).toMatchObject({ count: 50, window: 20, qos: 0, p2p: false });
    const given = parse("pairs -c 500 --window=1 -q 1 --p2p -h ::1 -p 2000 --size 1000");
    expect(given).toMatchObject({ count: 500, window: 1, qos: 1, p2p: true, payloadBytes: 1000 });
    expect(given).toMatchObject({ host: "::1", port: 2000 });
  });

  it("[S9] direct-1K-1K is p2p-1K-1K without a subscription", () => {
    const { run: _, ...subscribed } = parse("p2p-1K-1K");
    const { run: __, ...direct } = parse("direct-1K-1K");
    expect(subscribed).toMatchObject({ count: 1000, ratePerSecond: 1000, qos: 1, p2p: false });
    expect(direct).toEqual({ ...subscribed, p2p: true });
  });

  it("leave the open loop for a --window, and the closed one for a --rate", () => {
    expect(parse("fanout-1-1K --window 4")).toMatchObject({ window: 4, ratePerSecond: 0 });
    expect(parse("pairs --rate 100")).toMatchObject({ ratePerSecond: 100 });
  });

  it("mark every run differently", () => {
    expect(parse("pairs").run).not.toBe(parse("pairs").run);
  });

  it.each([
    ["", "which scenario? One of: pairs"],
    ["pears", 'no scenario "pears". One of: pairs'],
    ["pairs --colour 3", "unknown flag --colour"],
    ["pairs -x", "unknown flag -x"],
    ["pairs 50", "unknown flag 50"],
    ["pairs --qos 3", '--qos: "3" is not a whole number from 0 to 2'],
    ["pairs -q=1", "unknown flag -q=1"],
    ["pairs --qos", "--qos needs a value: 0|1|2"],
    ["pairs --qos=", '--qos: "" is not a whole number'],
    ["pairs --p2p=yes", "--p2p takes no value"],
    ["pairs --frozen 3", "--frozen has no meaning for pairs, only for slow-reader"],
    ["latency --window 3", "--window has no meaning for latency, only for pairs"],
    ["conn-tcp-5K --qos 1", "--qos has no meaning for conn-tcp-5K"],
    ["fanin --processes 2", "--processes has no meaning for fanin"],
    ["pairs --window 3 --rate 5", "--window and --rate exclude each other"],
    ["slow-reader -c 5 --frozen 5", "--frozen 5: at least one of --count 5 must go on reading"],
    ["matching --subscriptions 99", "--subscriptions 99: fewer than the --count 100 receivers"],
    ["pairs -c 2 --processes 3", "--processes 3: more than there are clients"],
    ["matching --processes 11", "--processes 11: more than there are clients"],
  ])("refuse `%s` and say why", (commandLine, reason) => {
    expect(() => parse(commandLine)).toThrow(UsageError);
    expect(() => parse(commandLine)).toThrow(reason);
  });

  it("refuse the same from a program", () => {
    expect(() => benchOptions("fanin", { processes: 2 })).toThrow("fanin runs in one process");
  });

  it("stand in the help text with every flag", () => {
    const help = benchHelp("beeline bench");
    for (const { name } of SCENARIOS) expect(help).toContain(`  ${name} `);
    for (const { name } of FLAGS) expect(help).toContain(`--${name} `);
    expect(Math.max(...help.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(130);
  });

  it("know their own flags", () => {
    const names = flagsOf("conn-tcp-5K").map(({ name }) => name);
    expect(names).toContain("connrate");
    expect(names).not.toContain("qos");
  });
});
