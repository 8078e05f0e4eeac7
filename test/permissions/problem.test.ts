import { expect, it } from "vitest";
import { pathText, rulesError } from "../../src/permissions/problem.js";
import { UsageError } from "../../src/protocol/errors.js";

it("names the place of each problem", () => {
  expect(pathText(["rules", 3, "topic"])).toBe("rules[3].topic");
  expect(pathText([])).toBe("");
  const problems = [
    { path: ["rules", 0], message: "is no rule" },
    { path: ["groups", "a"], message: "has nobody" },
  ];
  const error = rulesError(problems);
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).toBe("rules[0]: is no rule\ngroups.a: has nobody");
  expect(error.problems).toBe(problems);
});
