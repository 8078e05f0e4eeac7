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
  const { canary, peakBytes } = await watch.end(10_000);
  await watch.close();
  expect(canary.cutOff).toBeUndefined();
  expect(peakBytes).toBeGreaterThan(1_000_000);
});

it("knows no memory without a process", async () => {
  const watch = new LocalWatch();
  await watch.start({ host: "127.0.0.1", port: stub.port }, undefined);
  expect((await watch.end(10_000)).peakBytes).toBeUndefined();
  await watch.close();
});
