import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The packages beside this one as they are written, built or not. */
const source = (name: string) =>
  fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url));

const TESTS = "{test,packages/*/test}/**/*.test.ts";
/** Those that install, clone, start many processes, fill big stores or drive a browser. */
const SLOW_TESTS = "{test,packages/*/test}/**/*.slow.test.ts";

/**
 * Slow files first: at the end no worker then waits for another one that has just begun with a long file. By
 * itself vitest begins with the largest files, and some of the slowest have ten lines.
 */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ project }: TestSpecification): boolean => project.name === "slow";
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

export default defineConfig({
  resolve: {
    alias: {
      "beeline-bench": source("bench"),
      "beeline-conformance": source("conformance"),
      "beeline-rocketmq": source("rocketmq"),
    },
  },
  test: {
    projects: [
      { extends: true, test: { name: "fast", include: [TESTS], exclude: [SLOW_TESTS] } },
      { extends: true, test: { name: "slow", include: [SLOW_TESTS] } },
    ],
    maxWorkers: "100%", // vitest leaves a core free as a rule: of two, that is half the speed
    testTimeout: 60_000, // for a machine with other work; no test needs more than a few seconds
    hookTimeout: 60_000,
    allowOnly: false,
    sequence: { sequencer: SlowFirst },
    setupFiles: ["scripts/property-seed.mjs"],
    coverage: {
      provider: "v8",
      include: ["{src,packages/*/src}/**/*.ts"],
      reporter: ["text-summary", "json-summary", "html"],
      thresholds: {
        "src/protocol/**": { branches: 100 },
        "src/topic/**": { branches: 100 },
        "src/codec/**": { branches: 100 },
        "src/session/**": { branches: 100 },
      },
    },
  },
});
