import { expect, it } from "vitest";
import { crashLoop } from "./crash.js";

/** The other transport than the command takes by itself: `crash.slow.test.ts` is about the disk. */
const CYCLES = 10;
const TIME_LIMIT_MS = 300_000;

it(
  "[J01] [E15] [E16] loses nothing acknowledged over Node's sockets in 10 cycles of kill -9",
  async () => {
    const options = { cycles: CYCLES, seed: 311, durability: "sync", transport: "net" };
    const { acknowledged, problems } = await crashLoop(options);
    expect(problems).toEqual([]);
    expect(acknowledged).toBeGreaterThan(CYCLES); // else it has proven nothing
  },
  TIME_LIMIT_MS,
);
