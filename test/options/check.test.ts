import { describe, expect, it } from "vitest";
import { allowedFor, checked, defaultsOf, hint, isAllowed } from "../../src/options/check.js";
import { choice, frozen, list, onOff, text, wholeNumber } from "../../src/options/row.js";
import { UsageError } from "../../src/protocol/errors.js";

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

describe("checked", () => {
  it("keeps what is allowed, and takes undefined for nothing", () => {
    const given = { size: 2, how: "fast", on: true, where: "/a", places: ["/b"], open: undefined };
    const { open, ...kept } = given;
    expect(checked(rows, given, "")).toEqual(kept);
  });

  it("keeps a list of its own, that nobody can change", () => {
    const places = ["/a"];
    const kept = checked(rows, { places }, "");
    places.push("b");
    expect(kept.places).toEqual(["/a"]);
    expect(() => (kept.places as string[]).push("c")).toThrow(TypeError);
  });

  it.each([
    [{ size: 1 }, "g.size is 1; allowed: whole numbers from 2 to 9"],
    [{ size: 10 }, "g.size is 10;"],
    [{ size: "5" }, 'g.size is "5"; allowed: whole numbers from 2 to 9'],
    [{ size: Number.NaN }, "g.size is NaN;"],
    [{ open: 0 }, "g.open is 0; allowed: whole numbers from 1 on"],
    [{ open: 2.5 }, "g.open is 2.5;"],
    [{ open: 10n }, "g.open is 10;"],
    [{ open: [10n] }, "g.open is 10;"],
    [{ how: "Sync" }, 'g.how is "Sync"; allowed: sync, fast; did you mean sync?'],
    [{ how: "maybe" }, 'g.how is "maybe"; allowed: sync, fast'],
    [{ how: null }, "g.how is null; allowed: sync, fast"],
    [{ on: "true" }, 'g.on is "true"; allowed: true, false'],
    [{ on: 1 }, "g.on is 1; allowed: true, false"],
    [{ where: "a" }, 'g.where is "a"; allowed: paths with /'],
    [{ where: 5 }, "g.where is 5; allowed: paths with /"],
    [{ places: "/a" }, 'g.places is "/a"; allowed: a list of paths with /'],
    [{ places: ["/a", "b"] }, 'g.places is ["/a","b"]; allowed: a list of paths with /'],
    [{ places: [1] }, "g.places is [1]; allowed: a list of paths with /"],
    [{ sise: 1 }, "there is no option g.sise; did you mean g.size?"],
    [{ nothing: 1 }, "there is no option g.nothing; there are size, open, how, on, where, places"],
    [{ constructor: 1 }, "there is no option g.constructor;"],
  ])("[M04] refuses %o by name, value and what is allowed", (given, sentence) => {
    expect(() => checked(rows, given, "g")).toThrow(UsageError);
    expect(() => checked(rows, given, "g")).toThrow(sentence);
  });

  it("[M04] names an option that stands alone without a group", () => {
    expect(() => checked(rows, { size: 0 }, "")).toThrow(/^size is 0; /);
    expect(() => checked(rows, { sise: 0 }, "")).toThrow("no option sise; did you mean size?");
  });

  it.each([["x"], [5], [null], [[1]]])("[M04] refuses %j in place of a group", (given) => {
    expect(() => checked(rows, given, "limits")).toThrow("; allowed: an object with options");
  });

  it("[M04] repeats no more of a long value than a line can hold", () => {
    expect(() => checked(rows, { where: "x".repeat(1_000) }, "")).toThrow(
      /^where is "x{99}\.\.\.; allowed: paths with \/$/,
    );
  });
});

it("defaultsOf has what has a default, and nobody can change it", () => {
  const defaults = defaultsOf(rows);
  expect(defaults).toEqual({ size: 7, open: 1, on: false, places: [] });
  expect(() => Object.assign(defaults, { size: 8 })).toThrow(TypeError);
});

it("isAllowed and allowedFor are what flags are read with", () => {
  expect(isAllowed(rows.size, 9)).toBe(true);
  expect(isAllowed(rows.size, Number.NaN)).toBe(false);
  expect(allowedFor(rows.places)).toBe("a list of paths with /");
});

it("hint names the word that was nearly right, and nothing else", () => {
  expect(hint(rows.how, "fats")).toBe("; did you mean fast?");
  expect(hint(rows.how, "no")).toBe("");
  expect(hint(rows.how, 5)).toBe("");
  expect(hint(rows.where, "a")).toBe("");
});
