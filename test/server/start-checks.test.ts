import { expect, it } from "vitest";
import { checkStart } from "../../src/server/start-checks.js";

const config = { listeners: [], store: undefined, broker: {} };

it("tells all that is wrong in one run, and what else was found", async () => {
  const result = await checkStart(config, [
    () => ["the certificate ends tomorrow"],
    () => {
      throw new Error("users.txt:3: no hash");
    },
    () => Promise.reject(new Error("rules.yaml:1:1: no rule")),
    async () => ["others may read users.txt"],
  ]);
  expect(result).toEqual({
    problems: ["users.txt:3: no hash", "rules.yaml:1:1: no rule"],
    warnings: ["the certificate ends tomorrow", "others may read users.txt"],
  });
});

it("finds nothing wrong where there is nothing to check", async () => {
  expect(await checkStart(config, [])).toEqual({ problems: [], warnings: [] });
});
