import { describe, expect, it } from "vitest";
import { Unsettled } from "../../src/store/unsettled.js";

describe("what is not settled yet", () => {
  it("[M26] a turn is settled when the last of its records is", () => {
    const unsettled = new Unsettled();
    unsettled.add(1);
    unsettled.add(1);
    unsettled.add(3);
    expect([1, 2, 3, 4].map((ticket) => unsettled.isSettled(ticket))).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(unsettled.remove(1)).toBe(false);
    expect(unsettled.isSettled(1)).toBe(false);
    expect(unsettled.remove(1)).toBe(true);
    expect(unsettled.isSettled(1)).toBe(true);
    expect(unsettled.isSettled(3)).toBe(false);
  });

  it("forgets what is durable, and takes nothing off it twice", () => {
    const unsettled = new Unsettled();
    for (const ticket of [1, 2, 5]) unsettled.add(ticket);
    unsettled.forget(2);
    expect([1, 2, 5].map((ticket) => unsettled.isSettled(ticket))).toEqual([true, true, false]);
    expect([unsettled.remove(1), unsettled.remove(4), unsettled.remove(9)]).toEqual([
      false,
      false,
      false,
    ]);
    unsettled.forget(1);
    expect(unsettled.isSettled(5)).toBe(false);
    unsettled.forget(9);
    unsettled.add(10);
    expect([5, 10].map((ticket) => unsettled.isSettled(ticket))).toEqual([true, false]);
  });
});
