import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";

/** A cycle is a start of the real server, some traffic, and kill -9. */
const CYCLES = 50;
const TIME_LIMIT_MS = 300_000;

describe("the real server over the real disk", () => {
  it(
    `[J01] [E15] [E16] loses nothing acknowledged in ${CYCLES} cycles of kill -9`,
    () => {
      const run = spawnSync(
        process.execPath,
        ["scripts/crash.mjs", "--cycles", `${CYCLES}`, "--seed", "20141029"],
        { encoding: "utf8", timeout: TIME_LIMIT_MS },
      );
      expect(run.stdout + run.stderr).toMatch(/\n0 problems\n$/);
      const acknowledged = Number(/(\d+) acknowledged/.exec(run.stdout)?.[1]);
      expect(acknowledged).toBeGreaterThan(CYCLES); // else it has proven nothing
      expect(run.status).toBe(0);
    },
    TIME_LIMIT_MS,
  );
});
