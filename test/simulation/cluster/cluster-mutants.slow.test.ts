import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePrograms, hunt } from "../mutants.js";
import { CLUSTER_MUTANTS } from "./cluster-mutants.js";

const SEEDS = 300;
const programs = fileURLToPath(new URL("../../../.cache/cluster-mutants", import.meta.url));

describe("the oracle of many nodes bites", () => {
  beforeAll(() => compilePrograms(programs), 300_000);
  afterAll(() => rmSync(programs, { recursive: true, force: true }));

  it.each(CLUSTER_MUTANTS)(
    `$name ($profile): found within ${SEEDS} seeds`,
    (mutant) => {
      const { seed, problem } = hunt(programs, mutant, SEEDS);
      console.log(`${mutant.name} | ${mutant.profile} | ${problem.slice(0, 100)} | ${seed}`);
      expect(seed, problem).toBeLessThanOrEqual(SEEDS);
    },
    600_000,
  );
});
