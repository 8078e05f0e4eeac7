import { expect, it } from "vitest";
import { asStartError, StartError } from "../../src/server/start-error.js";

it("says what another error says, and whatever else was thrown", () => {
  expect(() => asStartError(new TypeError("no file"))).toThrow(new StartError("no file"));
  expect(() => asStartError("no file")).toThrow(StartError);
});
