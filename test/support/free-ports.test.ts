import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { freePort, freePorts } from "./free-ports.js";

it("ports are below those that the kernel hands out, and none comes twice", async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(Math.min(...ports)).toBeGreaterThan(1_024);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

it.each([0, -2])("a port where somebody listens, %i from there, is passed over", async (from) => {
  const before = await freePort();
  const taken = createServer().listen(before + 4 + from, "127.0.0.1");
  await once(taken, "listening");
  expect(await freePort()).not.toBe(before + 4);
  taken.close();
});
