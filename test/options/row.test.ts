import { describe, expect, expectTypeOf, it } from "vitest";
import {
  choice,
  frozen,
  type Given,
  group,
  isSimple,
  items,
  list,
  onOff,
  required,
  text,
  union,
  wholeNumber,
} from "../../src/options/row.js";

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

describe("a row for a list of groups", () => {
  const rule = { holds: "file", allowed: "files", isAllowed: () => true };
  const rows = frozen({
    doors: items({
      about,
      of: union({
        about,
        tag: "type",
        variants: {
          plain: { about, rows: { port: wholeNumber({ about, unit: "number", default: 1 }) } },
          safe: {
            about,
            rows: {
              cert: required(text({ about, default: undefined, ...rule, isPath: true })),
              limits: group({ about, rows: { on: onOff({ about, default: true }) } }),
            },
          },
        },
      }),
    }),
  });

  it("says what a program gets of it", () => {
    type Door = NonNullable<Given<typeof rows>["doors"]>[number];
    expectTypeOf<Extract<Door, { type: "safe" }>["cert"]>().toEqualTypeOf<string>();
    expectTypeOf<Extract<Door, { type: "plain" }>["port"]>().toEqualTypeOf<number | undefined>();
    const door: Door = { type: "safe", cert: "c", limits: { on: false } };
    expect(door.type).toBe("safe");
  });

  it("has no flag, and neither has what is in it", () => {
    const { of } = rows.doors;
    expect([rows.doors, of, of.variants.safe.rows.limits].map(isSimple)).toEqual([
      false,
      false,
      false,
    ]);
    expect(isSimple(of.variants.safe.rows.cert)).toBe(true);
    expect(of.variants.safe.rows.cert).toMatchObject({ required: true, isPath: true });
  });

  it("cannot be changed any more at any depth", () => {
    const { of } = rows.doors;
    for (const part of [of, of.variants, of.variants.safe, of.variants.safe.rows.limits.rows.on]) {
      expect(() => Object.assign(part, { about: "other" })).toThrow(TypeError);
    }
  });
});
