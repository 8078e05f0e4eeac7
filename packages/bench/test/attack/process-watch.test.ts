import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ProcessWatch } from "../../src/attack/process-watch.js";
import { compiledGenerator } from "../compiled.js";
import { StubBroker } from "../stub-broker.js";

let generator: ReturnType<typeof compiledGenerator>;

beforeAll(() => {
  generator = compiledGenerator();
});

afterAll(() => generator.remove());

it("watches from a process of its own, which ends when it is released", async () => {
  const stub = await StubBroker.start();
  const watch = new ProcessWatch(join(generator.folder, "attack", "watch-process.js"));
  await watch.start({ host: "127.0.0.1", port: stub.port }, process.pid);
  await watch.begin();
  const { canary, peakBytes } = await watch.end(10_000);
  expect(canary).toMatchObject({ lost: 0, cutOff: undefined });
  expect(peakBytes).toBeGreaterThan(0);
  await watch.close();
  await stub.stop();
  await expect(watch.start({ host: "127.0.0.1", port: stub.port }, undefined)).rejects.toThrow(
    /ECONNREFUSED/,
  );
  watch.release();
  watch.release(); // once is enough
});

it("says so when its process ends", async () => {
  const watch = new ProcessWatch(join(generator.folder, "no-such-module.js"));
  await expect(watch.begin()).rejects.toThrow("the process that watches has ended");
  await expect(watch.begin()).rejects.toThrow("the process that watches has ended");
  await watch.close();
});
