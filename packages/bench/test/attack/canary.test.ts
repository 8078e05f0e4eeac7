import { afterEach, expect, it } from "vitest";
import { Canary } from "../../src/attack/canary.js";
import { sleepMs } from "../../src/clock.js";
import { StubBroker, type StubOptions } from "../stub-broker.js";

let stub: StubBroker;
const canaries: Canary[] = [];

async function started(options: StubOptions = {}): Promise<Canary> {
  stub = await StubBroker.start(options);
  const canary = new Canary();
  canaries.push(canary);
  await canary.start({ host: "127.0.0.1", port: stub.port });
  return canary;
}

afterEach(async () => {
  for (const canary of canaries.splice(0)) await canary.close();
  await stub.stop();
});

/** Waits until the stub has seen the canary's messages for a while. */
const SOME_MESSAGES_MS = 100;

it("measures from sending to arrival, and the longest silence between two", async () => {
  const canary = await started();
  await sleepMs(SOME_MESSAGES_MS);
  const figures = await canary.end(10_000);
  expect(figures).toMatchObject({ lost: 0, cutOff: undefined });
  expect(figures.sent).toBeGreaterThan(0);
  expect(figures.p99Ms).toBeGreaterThanOrEqual(figures.p50Ms);
  expect(figures.longestSilenceMs).toBeGreaterThan(0);
});

it("counts what did not come with the time it was waited for", async () => {
  const canary = await started({ fate: () => "lose" });
  await sleepMs(SOME_MESSAGES_MS);
  const figures = await canary.end(50);
  expect(figures.lost).toBe(figures.sent);
  expect(figures.p50Ms).toBeGreaterThanOrEqual(50);
  expect(figures.longestSilenceMs).toBeGreaterThanOrEqual(50);
});

it("forgets what was before it began", async () => {
  const canary = await started({ fate: () => "lose" });
  await sleepMs(SOME_MESSAGES_MS);
  canary.begin();
  expect(await canary.end(0)).toMatchObject({ sent: 0, lost: 0, p99Ms: 0 });
});

it("says why it was cut off", async () => {
  const canary = await started({ hangUpAfter: 1 });
  await sleepMs(SOME_MESSAGES_MS);
  const { cutOff } = await canary.end(10_000);
  expect(cutOff).toMatch(/closed the connection|ECONNRESET|EPIPE/);
});

it("does not begin where nobody is let in", async () => {
  await expect(started({ returnCode: 5 })).rejects.toThrow(/CONNACK 5/);
});
