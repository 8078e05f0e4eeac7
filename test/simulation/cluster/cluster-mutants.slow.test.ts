import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hunt } from "../mutants.js";
import { CLUSTER_MUTANTS } from "./cluster-mutants.js";

const SEEDS = 300;
const root = fileURLToPath(new URL("../../../", import.meta.url));
const programs = fileURLToPath(new URL("../../../.cache/cluster-mutants", import.meta.url));

describe("the oracle of many nodes bites", () => {
  beforeAll(() => {
    const args = ["tsc", "-p", "tsconfig.programs.json", "--outDir", programs];
    const more = ["--tsBuildInfoFile", `${programs}/.tsbuildinfo`];
    const { status, stdout } = spawnSync("npx", [...args, ...more], {
      cwd: root,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stdout);
  }, 300_000);
  afterAll(() => rmSync(programs, { recursive: true, force: true }));

  it.each(CLUSTER_MUTANTS)(
    `$name ($profile): found within ${SEEDS} seeds`,
    (mutant) => {
      const { seeds, problem } = hunt(programs, mutant, SEEDS);
      console.log(`${mutant.name} | ${mutant.profile} | ${problem.slice(0, 100)} | ${seeds}`);
      expect(seeds, problem).toBeLessThanOrEqual(SEEDS);
    },
    600_000,
  );
});
