import { expect, it } from "vitest";
import { LOG_FORMATS, LOG_LEVELS } from "../../src/server/log-config.js";

it("levels go from the least to the most, and there are two formats", () => {
  expect(LOG_LEVELS).toEqual(["error", "warn", "info", "debug"]);
  expect(LOG_FORMATS).toEqual(["json", "text"]);
});
