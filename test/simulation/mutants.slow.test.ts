import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePrograms, hunt, MUTANTS } from "./mutants.js";

const SEEDS = 2_000;
const programs = fileURLToPath(new URL("../../.cache/mutants", import.meta.url));

describe("the oracle bites", () => {
  beforeAll(() => compilePrograms(programs), 120_000);
  afterAll(() => rmSync(programs, { recursive: true, force: true }));

  it("has at least twenty faults to find", () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(20);
  });

  it.each(MUTANTS)(
    `$name ($profile): found within ${SEEDS} seeds`,
    (mutant) => {
      const { seed, problem } = hunt(programs, mutant, SEEDS);
      console.log(`${mutant.name} | ${mutant.profile} | ${problem.slice(0, 100)} | ${seed}`);
      expect(seed, problem).toBeLessThanOrEqual(SEEDS);
    },
    600_000,
  );
});
