import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hunt, MUTANTS } from "./mutants.js";

const SEEDS = 2_000;
const root = fileURLToPath(new URL("../../", import.meta.url));
const programs = fileURLToPath(new URL("../../.cache/mutants", import.meta.url));

describe("the oracle bites", () => {
  beforeAll(() => {
    const args = ["tsc", "-p", "tsconfig.programs.json", "--outDir", programs];
    const more = ["--tsBuildInfoFile", `${programs}/.tsbuildinfo`];
    const { status, stdout } = spawnSync("npx", [...args, ...more], {
      cwd: root,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stdout);
  }, 120_000);
  afterAll(() => rmSync(programs, { recursive: true, force: true }));

  it("has at least twenty faults to find", () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(20);
  });

  it.each(MUTANTS)(
    `$name ($profile): found within ${SEEDS} seeds`,
    (mutant) => {
      const { seeds, problem } = hunt(programs, mutant, SEEDS);
      console.log(`${mutant.name} | ${mutant.profile} | ${problem.slice(0, 100)} | ${seeds}`);
      expect(seeds, problem).toBeLessThanOrEqual(SEEDS);
    },
    600_000,
  );
});
