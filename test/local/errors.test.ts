import { expect, it } from "vitest";
import { ConnectionLostError, RefusedError } from "../../src/local/errors.js";

it("says with which return code a CONNECT was refused", () => {
  const error = new RefusedError(5);
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.returnCode, error.message]).toEqual([
    "RefusedError",
    5,
    "the broker refused the CONNECT with return code 5",
  ]);
});

it("can be told from other errors by its name", () => {
  expect(new ConnectionLostError("gone").name).toBe("ConnectionLostError");
});
