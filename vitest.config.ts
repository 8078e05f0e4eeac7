import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
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
