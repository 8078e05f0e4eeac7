import { describe, expect, it } from "vitest";
import {
  ago,
  BYTE_TICKS,
  bytes,
  clock,
  counted,
  duration,
  milliseconds,
  short,
  whole,
} from "../../src/console/format.js";

describe("numbers for people", () => {
  it.each([
    [whole(1_234_567), "1,234,567"],
    [short(0), "0"],
    [short(999), "999"],
    [short(12_345), "12.3k"],
    [short(1_500_000), "1.5M"],
    [short(0.126), "0.13"],
    [bytes(0), "0 B"],
    [bytes(1_536), "1.5 KiB"],
    [bytes(3 * 1_024 ** 3), "3 GiB"],
    [milliseconds(0.4242), "0.42 ms"],
    [milliseconds(1_234), "1.23 s"],
    [duration(12.4), "12 s"],
    [duration(-1), "0 s"],
    [duration(61), "1 min 1 s"],
    [duration(3 * 3_600 + 120), "3 h 2 min"],
    [duration(3 * 86_400 + 4 * 3_600), "3 d 4 h"],
    [ago(1_000, 2_000), "just now"],
    [ago(1_000, 13_000), "12 s ago"],
    [counted(1, "client"), "1 client"],
    [counted(2_000, "client"), "2,000 clients"],
    [counted(0, "entry", "entries"), "0 entries"],
  ])("%s is %s", (text, expected) => expect(text).toBe(expected));

  it("has the time of day to the second", () => {
    expect(clock(new Date(2020, 1, 1, 14, 3, 59).getTime())).toBe("14:03:59");
  });
});

it("has steps for an axis with bytes whose labels stay short", () => {
  for (const step of BYTE_TICKS) {
    for (const ticks of [1, 2, 3]) expect(bytes(step * ticks)).toMatch(/^\d{1,4}(\.\d{1,2})? \w+$/);
  }
  expect([2_048, 4_096, 6_144].map((tick) => bytes(tick))).toEqual(["2 KiB", "4 KiB", "6 KiB"]);
  expect(BYTE_TICKS).toContain(2_048);
});
