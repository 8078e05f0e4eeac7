import { expect, it } from "vitest";
import { ConfigError } from "../../../src/server/config/problem.js";

it("an error of the configuration has a line for each thing that is wrong", () => {
  const problems = [
    { where: "beeline.yaml:1:2", sentence: "unknown key x" },
    { where: "BEELINE_PORT", sentence: "port is 1" },
  ];
  const error = new ConfigError(problems);
  expect(error.message).toBe("beeline.yaml:1:2: unknown key x\nBEELINE_PORT: port is 1");
  expect(error.problems).toBe(problems);
});
