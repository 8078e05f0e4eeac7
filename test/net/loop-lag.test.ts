import { expect, it } from "vitest";
import { LoopLag } from "../../src/net/loop-lag.js";

it("is the longest of the present second and the one before", () => {
  const lag = new LoopLag();
  expect(lag.longestMs).toBe(0);
  lag.note(5, 10_000);
  lag.note(30, 10_100);
  lag.note(2, 10_200);
  expect(lag.longestMs).toBe(30);
  lag.note(7, 11_100);
  expect(lag.longestMs).toBe(30);
  lag.note(1, 12_200);
  expect(lag.longestMs).toBe(7);
  lag.note(0, 20_000);
  expect(lag.longestMs).toBe(0);
});
