import { expect, it } from "vitest";
import { nearest } from "../../src/options/nearest.js";

const known = ["inFlightMax", "heldMax", "port", "host", "webSocket"];

it.each([
  ["inflightMax", "inFlightMax"],
  ["inFligthMax", "inFlightMax"],
  ["prot", "port"],
  ["por", "port"],
  ["ports", "port"],
  ["hots", "host"],
  ["websocket", "webSocket"],
  ["heldmax", "heldMax"],
])("%j was probably meant to be %j", (name, meant) => {
  expect(nearest(name, known)).toBe(meant);
});

it.each(["", "x", "qwerty", "toString", "constructor", "m".repeat(65)])(
  "%j is near to none",
  (name) => {
    expect(nearest(name, known)).toBeUndefined();
  },
);

it("compares no name that is longer than a name can be", () => {
  expect(nearest("a".repeat(64), ["a".repeat(65)])).toBeUndefined();
});

it("takes the nearest of several, and the first of equals", () => {
  expect(nearest("heldMix", ["heldMux", "heldMax", "feldMix"])).toBe("heldMux");
  expect(nearest("abcde", ["abcxy", "abcdf"])).toBe("abcdf");
});
