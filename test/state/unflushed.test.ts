import { describe, expect, it } from "vitest";
import { Unflushed } from "../../src/state/unflushed.js";

/** Whoever has an exclamation mark has much. */
const newUnflushed = () => new Unflushed<string>((name) => name.endsWith("!"));

function turn(unflushed: Unflushed<string>, names: readonly string[]): void {
  for (const name of names) unflushed.add(name);
  unflushed.turnEnded();
}

function all(unflushed: Unflushed<string>): string {
  const names: string[] = [];
  for (let next = unflushed.shift(); next !== undefined; next = unflushed.shift()) names.push(next);
  return names.join("");
}

const MANY = [..."ABCDEFGHI"];

describe("Unflushed", () => {
  it("hands out what small turns have touched in order, eight being small", () => {
    const unflushed = newUnflushed();
    turn(unflushed, [..."abcdefgh"]);
    turn(unflushed, ["i"]);
    expect([unflushed.count, unflushed.promptCount]).toEqual([9, 9]);
    expect(all(unflushed)).toBe("abcdefghi");
    expect(unflushed.count).toBe(0);
  });

  it("[T1] puts what a large turn has touched behind what small ones have, before and after it", () => {
    const unflushed = newUnflushed();
    turn(unflushed, ["x"]);
    turn(unflushed, MANY);
    turn(unflushed, ["y"]);
    expect([unflushed.count, unflushed.promptCount]).toEqual([11, 2]);
    expect(all(unflushed)).toBe("xyABCDEFGHI");
  });

  it("[T9] puts whoever has much to be flushed behind the others, and keeps the order of both", () => {
    const unflushed = newUnflushed();
    turn(unflushed, ["a", "b!", "c", "d!"]);
    turn(unflushed, ["e!"]);
    turn(unflushed, ["f"]);
    expect([unflushed.count, unflushed.promptCount]).toEqual([6, 3]);
    expect(all(unflushed)).toBe("acfb!d!e!");
  });

  it("goes on in the middle: of small turns, of large ones, of a turn under way", () => {
    const unflushed = newUnflushed();
    turn(unflushed, ["x", "y"]);
    turn(unflushed, MANY);
    expect(unflushed.shift()).toBe("x");
    turn(unflushed, ["z"]);
    expect([unflushed.shift(), unflushed.shift(), unflushed.shift()]).toEqual(["y", "z", "A"]);
    for (const name of MANY) unflushed.add(name.toLowerCase());
    expect(unflushed.shift()).toBe("a");
    unflushed.turnEnded(); // what is left of it is small
    expect(all(unflushed)).toBe("bcdefghiBCDEFGHI");
    turn(unflushed, ["q"]);
    expect(all(unflushed)).toBe("q");
  });
});
