import { describe, expect, it } from "vitest";
import {
  checkBoolean,
  checkElement,
  checkInteger,
  checkList,
  checkQos,
  refuseField,
} from "../../../src/codec/frame/fields.js";
import { UsageError } from "../../../src/codec/index.js";

describe("the checks of fields to be sent", () => {
  it("let pass what a packet can hold", () => {
    for (const value of [true, false]) expect(() => checkBoolean(value, "x")).not.toThrow();
    for (const qos of [0, 1, 2]) expect(() => checkQos(qos, "x")).not.toThrow();
    expect(() => checkList([1], "x")).not.toThrow();
    expect(() => checkElement({}, "x")).not.toThrow();
  });

  it.each([
    [
      "a boolean",
      () => checkBoolean(1 as unknown as boolean, "x"),
      "x must be true or false, got 1",
    ],
    ["a QoS", () => checkQos(3, "x"), "x must be 0, 1 or 2, got 3"],
    ["a QoS of text", () => checkQos("1" as unknown as number, "x"), "x must be 0, 1 or 2, got 1"],
    ["an element", () => checkElement(undefined, "x"), "x must hold objects"],
    ["an element of null", () => checkElement(null, "x"), "x must hold objects"],
    ["a list", () => checkList([], "x"), "x must be an array, and not empty"],
    [
      "a list of none",
      () => checkList(undefined as unknown as [], "x"),
      "x must be an array, and not empty",
    ],
  ])("name the field, its value and what is allowed: %s", (_, check, message) => {
    expect(check).toThrow(UsageError);
    expect(check).toThrow(message);
  });
});

describe("refuseField", () => {
  it.each([
    ["an object", Object.create(null)], // which has no way to become a string
    ["an object", { toString: () => "1" }],
    ["null", null],
    ["1.5", 1.5],
  ])("says what it got: %s", (shown, got) => {
    expect(() => refuseField("x", "be a string", got)).toThrow(`x must be a string, got ${shown}`);
  });
});

describe("checkInteger", () => {
  it("gives back what is in range and refuses the rest", () => {
    expect(checkInteger(1, "x", 1, 3)).toBe(1);
    expect(checkInteger(3, "x", 1, 3)).toBe(3);
    for (const value of [0, 4, 1.5, Number.NaN, "2" as unknown as number]) {
      expect(() => checkInteger(value, "x", 1, 3)).toThrow(
        /^x must be an integer from 1 to 3, got/,
      );
    }
  });
});
