import { expect, it } from "vitest";
import type { Target } from "../src/target.js";
import { TargetPair } from "../src/target-pair.js";
import { wallClock } from "../src/tcp-target.js";

const events = { received: () => undefined, closed: () => undefined };

/** A pair that writes down where it is dialled. */
function pair() {
  const dialled: string[] = [];
  const clock = wallClock(1, 1);
  const place = (name: string): Target => ({
    clock,
    dial: () => {
      dialled.push(name);
      return Promise.reject(new Error("nobody is there"));
    },
  });
  const target = new TargetPair(place("first"), place("second"));
  const dial = (home?: string) => target.dial(events, home).catch(() => undefined);
  return { dial, dialled, target, clock };
}

it("goes to one address and the other in turn", async () => {
  const { dial, dialled } = pair();
  for (let times = 0; times < 3; times += 1) await dial();
  expect(dialled).toEqual(["first", "second", "first"]);
});

it("brings whoever has a Session back to where it is, and everybody else elsewhere", async () => {
  const { dial, dialled } = pair();
  await dial("a");
  await dial("b");
  await dial("b");
  await dial("a");
  await dial();
  expect(dialled).toEqual(["first", "second", "second", "first", "first"]);
});

it("has the clock of the first", () => {
  const { target, clock } = pair();
  expect(target.clock).toBe(clock);
});
