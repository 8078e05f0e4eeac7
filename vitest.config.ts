import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000, // for a machine with other work; no test needs more than a few seconds
    hookTimeout: 60_000,
    allowOnly: false,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
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
