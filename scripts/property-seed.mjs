/**
 * Gives fast-check its seed before each test file that has properties. The suite takes the same one
 * every time, so that a commit passes or fails for what is in it and not by luck; `npm run explore`
 * runs the properties with new ones.
 */
import { readFileSync } from "node:fs";
import { expect } from "vitest";

const SEED = 20_261_129;
/** Of a property that does not say how many: fast-check takes 100, which a quick `npm test` leaves to `--all`. */
const QUICK_RUNS = 20;

const { testPath } = expect.getState();
// fast-check takes 0.1 s to load: eight files of nine do without.
if (testPath !== undefined && readFileSync(testPath, "utf8").includes('from "fast-check"')) {
  const { default: fc } = await import("fast-check");
  const isQuick = process.env.TESTS_QUICK === "1";
  fc.configureGlobal({
    seed: Number(process.env.PROPERTY_SEED ?? SEED),
    ...(isQuick && { numRuns: QUICK_RUNS }),
  });
}
