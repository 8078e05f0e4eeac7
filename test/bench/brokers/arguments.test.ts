import { describe, expect, it } from "vitest";
import { choiceOf, WrongUsage } from "../../../bench/brokers/arguments.js";
import { WORKLOADS } from "../../../bench/brokers/workloads.js";

function choice(commandLine: string) {
  return choiceOf(commandLine.split(" ").filter((word) => word !== ""));
}

function namesOf(commandLine: string): string[] {
  return choice(commandLine).workloads.map(({ name }) => name);
}

describe("the choice of what to compare", () => {
  it("is everything, five rounds of three seconds, by default", () => {
    expect(choice("")).toMatchObject({ rounds: 5, seconds: 3, out: "bench/results", nice: 0 });
    expect(choice("")).toMatchObject({ warmup: 1, fresh: false });
    expect(choice("--fresh --warmup 0.4")).toMatchObject({ warmup: 0.4, fresh: true });
    expect(namesOf("")).toEqual(WORKLOADS.map(({ name }) => name));
    expect(choice("").servers).toContain("mosquitto");
  });

  it("is one workload of each kind when it is to be quick, and nothing is written", () => {
    expect(choice("--quick")).toMatchObject({ rounds: 2, seconds: 1, out: undefined });
    const kinds = (commandLine: string) =>
      new Set(choice(commandLine).workloads.map(({ kind }) => kind));
    expect(kinds("--quick")).toEqual(kinds(""));
    expect(namesOf("--quick")).toHaveLength(11);
    expect(choice("--quick --rounds 3 --out x")).toMatchObject({ rounds: 3, out: "x" });
  });

  it("takes workloads by the beginning of their names, in their own order", () => {
    expect(namesOf("--only latency-5k,pairs-1-")).toEqual([
      "pairs-1-w500-q1",
      "latency-5k-q0",
      "latency-5k-q1",
      "pairs-1-w500-q0",
    ]);
    expect(namesOf("--quick --only matching-1m")).toHaveLength(2);
  });

  it("takes a list of servers", () => {
    expect(choice("--servers ours,mosquitto").servers).toEqual(["ours", "mosquitto"]);
  });

  it.each([
    ["--fast 1", "unknown flag --fast"],
    ["--rounds", "--rounds needs a value"],
    ["--rounds 0", '--rounds: "0" is not a number from 1 to 1000'],
    ["--seconds soon", '--seconds: "soon" is not a number from 0.2 to 600'],
    ["--nice -21", '--nice: "-21" is not a number from -20 to 19'],
    ["--only pears", '--only: no workload begins with "pears"'],
    ["--only pairs,", '--only: no workload begins with ""'],
    ["--servers ours,emqx", '--servers: "emqx" is none of ours'],
  ])("refuses `%s` and says why", (commandLine, reason) => {
    expect(() => choice(commandLine)).toThrow(WrongUsage);
    expect(() => choice(commandLine)).toThrow(reason);
  });
});
