import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The packages beside this one as they are written, built or not. */
const source = (name: string) =>
  fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url));

const TESTS = "{test,packages/*/test}/**/*.test.ts";
const TEST_FOLDERS = [
  "test",
  "packages/bench/test",
  "packages/conformance/test",
  "packages/rocketmq/test",
];
/** Those that install, clone, start many processes, fill big stores or drive a browser. */
const SLOW_TESTS = "{test,packages/*/test}/**/*.slow.test.ts";

/**
 * What no file does in a process that others use before and after it: stand-ins for modules stay in what
 * has been loaded with them, memory is measured where nobody else has left any, and a fake clock runs
 * everybody's timers. A file with another reason says in a comment that it needs a process of its own.
 */
const NEEDS_OWN_PROCESS =
  /\bvi\.(mock|stubGlobal|useFakeTimers)\(|memoryUsage|setFlagsFromString|collector\(|\/\/ .*a process of its own/;
const ownProcess = TEST_FOLDERS.flatMap(filesBelow).filter((file) =>
  NEEDS_OWN_PROCESS.test(readFileSync(new URL(file, import.meta.url), "utf8")),
);

function filesBelow(folder: string): string[] {
  const url = new URL(folder, import.meta.url);
  if (!existsSync(url)) return [];
  return readdirSync(url, { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)
    .filter((file) => file.endsWith(".test.ts") && !file.endsWith(".slow.test.ts"));
}

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
      {
        extends: true,
        test: {
          name: "fast",
          include: [TESTS],
          exclude: [SLOW_TESTS, ...ownProcess],
          // A process for each file would cost more than most tests do: 0.35 s of a core.
          isolate: false,
          setupFiles: ["scripts/shared-process.mjs"],
        },
      },
      { extends: true, test: { name: "own-process", include: ownProcess } },
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
