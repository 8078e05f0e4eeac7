import { describe, expect, it } from "vitest";
import { crashLoop } from "./crash.js";

/** A cycle is a start of the real server, some traffic, and kill -9. */
const CYCLES = 50;
const TIME_LIMIT_MS = 300_000;
/** Kept once for all receivers. */
const LARGE_BYTES = 6_000;

describe("the real server over the real disk", () => {
  it.each([
    ["", CYCLES, 0, 0],
    [" of large messages", CYCLES / 2, LARGE_BYTES, 0],
    [" in turns of one delivery", CYCLES / 5, 0, 1],
    [" of large messages in turns of two", CYCLES / 5, LARGE_BYTES, 2],
  ])(
    `[J01] [E15] [E16] [T1] loses nothing acknowledged%s in %i cycles of kill -9`,
    async (_, cycles, payloadBytes, workPerTurn) => {
      const options = { cycles, seed: 20141029, durability: "sync", payloadBytes, workPerTurn };
      const { acknowledged, problems } = await crashLoop(options);
      expect(problems).toEqual([]);
      expect(acknowledged).toBeGreaterThan(cycles); // else it has proven nothing
    },
    TIME_LIMIT_MS,
  );
});
