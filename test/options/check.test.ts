import { describe, expect, it } from "vitest";
import {
  allowedFor,
  checkFor,
  defaultsOf,
  hint,
  isAllowed,
  kept,
  shapeOf,
} from "../../src/options/check.js";
import {
  choice,
  frozen,
  group,
  items,
  list,
  onOff,
  required,
  text,
  union,
  wholeNumber,
} from "../../src/options/row.js";
import { UsageError } from "../../src/protocol/errors.js";
import { hasShape } from "../../src/protocol/usage.js";

const about = "What it does.";
const path = { holds: "path", allowed: "paths with /", isAllowed: (one: string) => one[0] === "/" };
const rows = frozen({
  size: wholeNumber({ about, unit: "bytes", default: 7, least: 2, most: 9 }),
  open: wholeNumber({ about, unit: "count", default: 1 }),
  how: choice({ about, values: ["sync", "fast"], default: undefined }),
  on: onOff({ about, default: false }),
  where: text({ about, default: undefined, ...path }),
  places: list({ about, default: [], ...path }),
});

const given = (value: unknown) => () => hasShape(shapeOf(rows))(value, "g");

describe("the checks that rows make", () => {
  it("let through what is allowed, and what is not given", () => {
    const good = { size: 2, how: "fast", on: true, where: "/a", places: ["/b"], open: undefined };
    expect(given(good)).not.toThrow();
    expect(given({ size: 9, places: [] })).not.toThrow();
  });

  it.each([
    [{ size: 1 }, "g.size is 1; allowed: whole numbers from 2 to 9"],
    [{ size: 10 }, "g.size is 10;"],
    [{ size: "5" }, 'g.size is "5"; allowed: whole numbers from 2 to 9'],
    [{ size: Number.NaN }, "g.size is NaN;"],
    [{ open: 0 }, "g.open is 0; allowed: whole numbers from 1 on"],
    [{ open: 2.5 }, "g.open is 2.5;"],
    [{ open: 10n }, "g.open is 10n;"],
    [{ how: "Sync" }, 'g.how is "Sync"; allowed: sync, fast; did you mean sync?'],
    [{ how: "maybe" }, 'g.how is "maybe"; allowed: sync, fast'],
    [{ how: null }, "g.how is null; allowed: sync, fast"],
    [{ on: "true" }, 'g.on is "true"; allowed: true or false'],
    [{ where: "a" }, 'g.where is "a"; allowed: paths with /'],
    [{ where: 5 }, "g.where is 5; allowed: paths with /"],
    [{ places: "/a" }, 'g.places is "/a"; allowed: a list'],
    [{ places: ["/a", "b"] }, 'g.places[1] is "b"; allowed: paths with /'],
    [{ places: [1] }, "g.places[0] is 1; allowed: paths with /"],
    [{ sise: 1 }, "unknown key g.sise: did you mean g.size?"],
    ["x", 'g is "x"; allowed: an object with size, open'],
  ])("[M04] refuse %o by name, value and what is allowed", (value, sentence) => {
    expect(given(value)).toThrow(UsageError);
    expect(given(value)).toThrow(sentence);
  });

  it("say the same for one option alone", () => {
    expect(() => checkFor(rows.size)(1, "size")).toThrow("size is 1; allowed: whole numbers");
  });
});

it("kept leaves out undefined, and has lists of its own, that nobody can change", () => {
  const places = ["/a"];
  const options = kept({ places, size: undefined, on: false });
  places.push("b");
  expect(options).toStrictEqual({ places: ["/a"], on: false });
  expect(() => options.places.push("c")).toThrow(TypeError);
});

it("defaultsOf has what has a default, and nobody can change it", () => {
  const defaults = defaultsOf(rows);
  expect(defaults).toEqual({ size: 7, open: 1, on: false, places: [] });
  expect(() => Object.assign(defaults, { size: 8 })).toThrow(TypeError);
});

it("isAllowed and allowedFor are what flags are read with", () => {
  expect(isAllowed(rows.size, 9)).toBe(true);
  expect(isAllowed(rows.size, Number.NaN)).toBe(false);
  expect(isAllowed(rows.on, 1)).toBe(false);
  expect(isAllowed(rows.places, ["/a", "b"])).toBe(false);
  expect(isAllowed(rows.places, "/a")).toBe(false);
  expect(allowedFor(rows.places)).toBe("paths with /");
  expect(allowedFor(rows.on)).toBe("true or false");
});

it("hint names the word that was nearly right, and nothing else", () => {
  expect(hint(rows.how, "fats")).toBe("; did you mean fast?");
  expect(hint(rows.how, "certainly")).toBe("");
  expect(hint(rows.how, 5)).toBe("");
  expect(hint(rows.where, "a")).toBe("");
});

describe("the checks of groups, unions and lists of them", () => {
  const nested = frozen({
    doors: items({
      about,
      of: union({
        about,
        tag: "type",
        variants: {
          plain: { about, rows: { port: wholeNumber({ about, unit: "number", default: 1883 }) } },
          safe: {
            about,
            rows: {
              cert: required(text({ about, default: undefined, ...path })),
              key: text({ about, default: undefined, ...path, secret: true }),
              limits: group({
                about,
                rows: { most: wholeNumber({ about, unit: "count", default: 5 }) },
              }),
            },
          },
        },
      }),
    }),
    pairs: items({
      about,
      of: group({ about, rows: { on: required(onOff({ about, default: true })) } }),
    }),
  });
  const inNested = (value: unknown) => () => hasShape(shapeOf(nested))(value, "g");

  it("let through what is allowed", () => {
    const doors = [{ type: "plain" }, { type: "safe", cert: "/c", limits: { most: 7 } }];
    expect(inNested({ doors, pairs: [{ on: true }] })).not.toThrow();
    expect(inNested({ doors: [], pairs: undefined })).not.toThrow();
  });

  it.each([
    [{ doors: {} }, "g.doors is {}; allowed: a list"],
    [{ doors: [5] }, "g.doors[0] is 5; allowed: an object"],
    [{ doors: [{}] }, "g.doors[0].type is undefined; allowed: plain, safe"],
    [{ doors: [{ type: "tls" }] }, 'g.doors[0].type is "tls"; allowed: plain, safe'],
    [{ doors: [{ type: "plain", port: 0 }] }, "g.doors[0].port is 0; allowed: whole numbers"],
    [
      { doors: [{ type: "plain", limits: 1 }] },
      "unknown key g.doors[0].limits; allowed: type, port",
    ],
    [{ doors: [{ type: "safe" }] }, "g.doors[0].cert is undefined; allowed: paths with /"],
    [
      { doors: [{ type: "safe", cert: "/c", limits: { mots: 1 } }] },
      "mean g.doors[0].limits.most?",
    ],
    [{ pairs: [{}] }, "g.pairs[0].on is undefined; allowed: true or false"],
  ])("[M04] refuse %o by name, value and what is allowed", (value, sentence) => {
    expect(inNested(value)).toThrow(UsageError);
    expect(inNested(value)).toThrow(sentence);
  });

  it("never show a secret", () => {
    const bad = inNested({ doors: [{ type: "safe", cert: "/c", key: "hidden words" }] });
    expect(bad).toThrow("g.doors[0].key cannot be that; allowed: paths with /");
    expect(bad).not.toThrow("hidden");
  });

  it("say in words what they are", () => {
    expect(allowedFor(nested.doors)).toBe("a list of maps whose type is one of plain, safe");
    expect(allowedFor(nested.pairs)).toBe("a list of maps with on");
    expect(isAllowed(nested.doors, [{ type: "plain" }])).toBe(true);
    expect(isAllowed(nested.doors, [{ type: "no" }])).toBe(false);
  });
});
