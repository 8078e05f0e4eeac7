import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** What it does is in `nats/durable-node.slow`, where there is NATS. */
it("[M35] the process that stands in is begun by the name that it has", () => {
  const source = (name: string): string =>
    fileURLToPath(new URL(`../../src/server/${name}`, import.meta.url));
  expect(existsSync(source("stand-in-main.ts"))).toBe(true);
  expect(readFileSync(source("standing-in.ts"), "utf8")).toContain('"./stand-in-main.js"');
});
