import fc from "fast-check";
import { expect, it } from "vitest";

it("the suite takes the same properties every time, and others when it is told", () => {
  const { PROPERTY_SEED: told } = process.env;
  expect(fc.readConfigureGlobal()?.seed).toBe(told === undefined ? 20_261_129 : Number(told));
});
