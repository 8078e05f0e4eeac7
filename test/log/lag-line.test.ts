import { expect, it } from "vitest";
import { LagLine } from "../../src/log/lag-line.js";

it("tells of an event loop that is late by seconds, once a minute", () => {
  let nowMs = 1;
  const told: number[] = [];
  const line = new LagLine(
    (lagMs) => told.push(lagMs),
    () => nowMs,
  );
  line.look(4_999);
  line.look(5_000);
  line.look(6_000);
  expect(told).toEqual([5_000]);
  nowMs += 59_999;
  line.look(7_000);
  expect(told).toEqual([5_000]);
  nowMs += 1;
  line.look(7_000);
  expect(told).toEqual([5_000, 7_000]);
});
