import { describe, expect, it } from "vitest";
import { choiceOf, WrongUsage } from "../../../bench/cluster/arguments.js";

describe("npm run bench -- cluster", () => {
  it("measures all rows five times unless told, and writes", () => {
    const all = { rounds: 5, seconds: 3, only: "", nice: 0, out: "bench/results" };
    expect(choiceOf([])).toEqual(all);
    expect(choiceOf(["--rounds", "2", "--nice", "-19"])).toEqual({ ...all, rounds: 2, nice: -19 });
  });

  it("writes no report of some rows alone: it would lack the others", () => {
    expect(choiceOf(["--only", "two nodes"])).toMatchObject({ only: "two nodes", out: undefined });
  });

  it.each([
    ["--rounds", "0", "--rounds takes a whole number from 1 to 100"],
    ["--seconds", "1.5", "--seconds takes a whole number from 1 to 600"],
    ["--nice", "-21", "--nice takes a whole number from -20 to 19"],
    ["--nice", "", "--nice takes a whole number from -20 to 19"],
    ["--nodes", "3", "Unknown option '--nodes'"],
  ])("refuses %s %s", (flag, value, reason) => {
    expect(() => choiceOf([flag, value])).toThrow(WrongUsage);
    expect(() => choiceOf([flag, value])).toThrow(reason);
  });

  it("refuses a flag without its value", () => {
    expect(() => choiceOf(["--rounds"])).toThrow(WrongUsage);
  });
});
