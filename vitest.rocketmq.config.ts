import { defineConfig } from "vitest/config";
import config from "./vitest.config.js";

/** `npm run test:rocketmq`: the bridge with a real RocketMQ, which needs Java and Maven. */
export default defineConfig({
  ...(config.resolve && { resolve: config.resolve }),
  test: {
    include: ["test/rocketmq/bridge.real.ts"],
    testTimeout: 120_000, // for a machine with other work
    hookTimeout: 400_000, // the first run fetches some 100 MB
  },
});
