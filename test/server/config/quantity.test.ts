import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Unit, wholeNumber } from "../../../src/options/row.js";
import {
  numberFrom,
  patternOf,
  quantityText,
  unitsOf,
} from "../../../src/server/config/quantity.js";

const row = (unit: Unit) => wholeNumber({ about: "A number.", unit, default: 1 });

describe("a number with a unit", () => {
  it.each([
    ["bytes", "1048576", 1_048_576],
    ["bytes", "8 MiB", 8_388_608],
    ["bytes", "8MiB", 8_388_608],
    ["bytes", "1.5 KiB", 1_536],
    ["bytes", "7 B", 7],
    ["ms", "10 s", 10_000],
    ["ms", "1.1 s", 1_100],
    ["ms", "2 h", 7_200_000],
    ["ms", "30 days", 2_592_000_000],
    ["s", "5 min", 300],
    ["s", "0", 0],
    ["count", "1000", 1_000],
  ] as const)("in %s: %s is %i", (unit, text, value) => {
    expect(numberFrom(row(unit), text)).toBe(value);
    expect(text).toMatch(new RegExp(patternOf(unit)));
  });

  it.each([
    ["bytes", "10 s"],
    ["bytes", "8 MB"],
    ["bytes", "8 mib"],
    ["bytes", "1.5"],
    ["bytes", "1.0001 KiB"],
    ["bytes", "8  MiB"],
    ["bytes", "-1 KiB"],
    ["bytes", "9007199254740993"],
    ["ms", "1 KiB"],
    ["s", "500 ms"],
    ["count", "1 KiB"],
    ["count", "1e3"],
    ["count", ""],
    ["number", "0x10"],
    ["number", " 5"],
    ["ms", "s"],
  ] as const)("in %s: %j is none", (unit, text) => {
    expect(numberFrom(row(unit), text)).toBeNaN();
  });

  it("is read as it is written, whatever the number and the unit", () => {
    const unit = fc.constantFrom<Unit>("bytes", "ms", "s", "count", "number");
    fc.assert(
      fc.property(unit, fc.maxSafeNat(), (of, value) => {
        expect(numberFrom(row(of), quantityText(value, of))).toBe(value);
      }),
    );
  });

  it("has units only where it measures something", () => {
    expect(unitsOf("bytes")).toEqual(["B", "KiB", "MiB", "GiB"]);
    expect(unitsOf("count")).toEqual([]);
  });
});
