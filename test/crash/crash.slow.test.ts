import { describe, expect, it } from "vitest";
import { crashLoop } from "./crash.js";

/** A cycle is a start of the real server, some traffic, and kill -9. */
const CYCLES = 50;
const TIME_LIMIT_MS = 300_000;

describe("the real server over the real disk", () => {
  it(
    `[J01] [E15] [E16] loses nothing acknowledged in ${CYCLES} cycles of kill -9`,
    async () => {
      const options = { cycles: CYCLES, seed: 20141029, durability: "sync" };
      const { acknowledged, problems } = await crashLoop(options);
      expect(problems).toEqual([]);
      expect(acknowledged).toBeGreaterThan(CYCLES); // else it has proven nothing
    },
    TIME_LIMIT_MS,
  );
});
