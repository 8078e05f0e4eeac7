import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The packages beside this one as they are written, built or not. */
const source = (name: string) =>
  fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url));

const TESTS = "{test,packages/*/test}/**/*.test.ts";
/** Those that install, clone, start many processes, fill big stores or drive a browser. */
const SLOW_TESTS = "{test,packages/*/test}/**/*.slow.test.ts";

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
