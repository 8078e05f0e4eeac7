import { existsSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LocalWatch } from "../../src/attack/watch.js";
import { StubBroker } from "../stub-broker.js";

let stub: StubBroker;

beforeEach(async () => {
  stub = await StubBroker.start();
});

afterEach(() => stub.stop());

it("watches a canary, and the memory of a process", async () => {
  const watch = new LocalWatch();
  await watch.start({ host: "127.0.0.1", port: stub.port }, process.pid);
  await watch.begin();
  const { canary, peakBytes, waits } = await watch.end(10_000);
  await watch.close();
  expect(canary.cutOff).toBeUndefined();
  expect(peakBytes).toBeGreaterThan(1_000_000);
  if (existsSync("/proc/self/schedstat")) expect(waits?.serverMs).toBeGreaterThanOrEqual(0);
});

it("knows no memory without a process", async () => {
  const watch = new LocalWatch();
  await watch.start({ host: "127.0.0.1", port: stub.port }, undefined);
  const { peakBytes, waits } = await watch.end(10_000);
  expect([peakBytes, waits]).toEqual([undefined, undefined]);
  await watch.close();
});
