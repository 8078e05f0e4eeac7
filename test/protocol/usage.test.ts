import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/protocol/errors.js";
import {
  type Check,
  checkArgument,
  hasShape,
  isBoolean,
  isFunction,
  isListOf,
  isObject,
  isOneOf,
  isQos,
  isString,
  isTextOrBytes,
  isWhole,
  required,
  shown,
} from "../../src/protocol/usage.js";

const circle: { self?: unknown } = {};
circle.self = circle;

describe("checks", () => {
  it.each<[string, Check, readonly unknown[], readonly unknown[], string]>([
    ["isBoolean", isBoolean, [true, false], [0, null, "true"], "true or false"],
    ["isString", isString, ["", "x"], [0, null, {}], "a string"],
    ["isFunction", isFunction, [() => 1, class {}], ["f", {}], "a function"],
    ["isObject", isObject, [{}, new Map()], [null, [], "x", () => 1], "an object"],
    ["isQos", isQos, [0, 1, 2], [3, -1, "1", true], "0, 1 or 2"],
    ["isTextOrBytes", isTextOrBytes, ["", Buffer.of(1)], [[1], 1, null], "a string or a Uint8Ar"],
    ["isWhole", isWhole(1, 9), [1, 9], [0, 10, 1.5, Number.NaN, "5", 5n], "whole numbers from 1"],
    ["isOneOf", isOneOf(["a", "b"]), ["a", "b"], ["c", "", 0], "a, b"],
  ])("%s", (_, rule, good, bad, allowed) => {
    for (const value of good) rule(value, "at.key");
    for (const value of bad) {
      expect(() => rule(value, "at.key")).toThrow(UsageError);
      expect(() => rule(value, "at.key")).toThrow(`at.key is ${shown(value)}; allowed: ${allowed}`);
    }
  });

  it("isListOf names the item, a hole as well", () => {
    const rule = isListOf(isString);
    rule(["a"], "list");
    rule([], "list");
    expect(() => rule("abc", "list")).toThrow('list is "abc"; allowed: a list');
    expect(() => rule(["a", 1], "list")).toThrow("list[1] is 1; allowed: a string");
    expect(() => rule(new Array(1), "list")).toThrow("list[0] is undefined");
  });
});

describe("[M04] an argument", () => {
  interface Options {
    readonly port: number;
    readonly deep?: { readonly path?: string };
  }
  const shape = { port: required(isQos), deep: hasShape({ path: isString }) };
  const given = (value: unknown) => () => checkArgument(value as Options, shape, "options");

  it("passes when its keys do; one given as undefined is one not given", () => {
    for (const good of [
      { port: 1 },
      { port: 1, deep: undefined },
      { port: 1, deep: { path: "/" } },
      { port: 1, deep: {} },
    ]) {
      expect(given(good)).not.toThrow();
    }
  });

  it.each<[unknown, string]>([
    [undefined, "options is undefined; allowed: an object with port, deep"],
    [null, "options is null"],
    [[], "options is []"],
    ["x", 'options is "x"'],
    [() => 1, "options is a function"],
    [{}, "port is undefined; allowed: 0, 1 or 2"],
    [{ prot: 1 }, "unknown key prot: did you mean port? allowed: port, deep"],
    [{ nothingLikeIt: 1 }, "unknown key nothingLikeIt; allowed: port, deep"],
    [{ port: 1, deep: "x" }, 'deep is "x"; allowed: an object with path'],
    [{ port: 1, deep: null }, "deep is null"],
    [{ port: 1, deep: [] }, "deep is []"],
    [
      { port: 1, deep: { Path: "/" } },
      "unknown key deep.Path: did you mean deep.path? allowed: path",
    ],
    [{ port: 1, deep: { path: 7 } }, "deep.path is 7; allowed: a string"],
    [{ port: 1, __proto__x: 1 }, "unknown key __proto__x"],
    [JSON.parse('{"port":1,"__proto__":{}}'), "unknown key __proto__"],
  ])("%j is refused by name", (value, message) => {
    expect(given(value)).toThrow(UsageError);
    expect(given(value)).toThrow(message);
  });

  it("is refused as a UsageError whatever it is", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (value) => {
        try {
          given(value)();
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});

it.each<[unknown, string]>([
  ["a\n", '"a\\n"'],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
  [5n, "5n"],
  [undefined, "undefined"],
  [Symbol("s"), "Symbol(s)"],
  [() => 1, "a function"],
  [circle, "an object"],
  [{ deep: 1n }, "an object"],
  [Uint8Array.of(1), "an instance of Uint8Array"],
  [new Map(), "an instance of Map"],
  [Object.create({ constructor: "x" }), "{}"],
  ["x".repeat(200), `"${"x".repeat(79)}…`],
  [Object.create(null), "{}"],
])("%s is shown short and in any case", (value, text) => {
  expect(shown(value)).toBe(text);
});
