import { describe, expect, it } from "vitest";
import { choice, frozen, list, onOff, text, wholeNumber } from "../../src/options/row.js";

const about = "What it does.";

describe("a row of the option table", () => {
  it("takes a restart, is no secret and counts from 1 on, unless it says otherwise", () => {
    expect(wholeNumber({ about, unit: "ms", default: 5 })).toEqual({
      kind: "number",
      about,
      unit: "ms",
      default: 5,
      least: 1,
      most: Number.MAX_SAFE_INTEGER,
      live: false,
      secret: false,
    });
    const own = { least: 0, most: 9, live: true, secret: true };
    expect(wholeNumber({ about, unit: "ms", default: undefined, ...own })).toMatchObject(own);
  });

  it("can be a number, a choice, a switch, a text or a list", () => {
    const rule = { holds: "folder", allowed: "folders", isAllowed: () => true };
    expect([
      choice({ about, values: ["a", "b"], default: "a" }).kind,
      onOff({ about, default: true }).kind,
      text({ about, default: "x", ...rule }).kind,
      list({ about, default: [], ...rule }).kind,
    ]).toEqual(["choice", "switch", "text", "list"]);
  });

  it("cannot be changed any more once it is part of the table, at any depth", () => {
    const rule = { holds: "names", allowed: "names", isAllowed: () => true };
    const rows = frozen({
      some: list({ about, default: ["x"], ...rule }),
      one: choice({ about, values: ["a"], default: "a" }),
    });
    expect(() => Object.assign(rows, { other: 1 })).toThrow(TypeError);
    expect(() => Object.assign(rows.one, { default: "b" })).toThrow(TypeError);
    expect(() => (rows.one.values as string[]).push("b")).toThrow(TypeError);
    expect(() => (rows.some.default as string[]).push("y")).toThrow(TypeError);
  });
});
