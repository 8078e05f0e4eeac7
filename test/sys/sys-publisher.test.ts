import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { openLmdbStore } from "../../src/store/index.js";
import { SysPublisher } from "../../src/sys/sys-publisher.js";

const folders: string[] = [];
let broker: MqttBroker;

afterEach(async () => {
  vi.useRealTimers();
  await broker.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** What a Client receives that subscribes to a filter: topic and payload. */
async function received(topicFilter: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const client = await broker.connectInProcess({
    onMessage: ({ topicName, payload }) => {
      found.set(topicName, new TextDecoder().decode(payload));
    },
  });
  await client.subscribe(topicFilter);
  for (let turn = 0; turn < 3; turn += 1) {
    await client.publish({ topicName: "a/turn/more", payload: "", qos: 1 });
  }
  await client.disconnect();
  found.delete("a/turn/more");
  return found;
}

it("[M8] is there for who asks by name, and not for who asks for everything", async () => {
  broker = createBroker();
  const publisher = new SysPublisher(broker, "1.2.3", 60);
  expect((await received("$SYS/broker/version")).get("$SYS/broker/version")).toBe(
    "beeline version 1.2.3",
  );
  expect((await received("$SYS/#")).size).toBeGreaterThan(40);
  expect((await received("#")).size).toBe(0);
  publisher.close();
});

it("publishes again and again until it is closed", async () => {
  vi.useFakeTimers();
  broker = createBroker();
  const publish = vi.spyOn(broker, "publish");
  const publisher = new SysPublisher(broker, "1", 10);
  const first = publish.mock.calls.length;
  vi.advanceTimersByTime(10_000);
  expect(publish.mock.calls.length).toBeGreaterThan(first);
  publisher.close();
  const last = publish.mock.calls.length;
  vi.advanceTimersByTime(60_000);
  expect(publish.mock.calls.length).toBe(last);
  vi.useRealTimers();
});

it("is not on disk: after a restart nothing of an earlier run is told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sys-"));
  folders.push(folder);
  broker = createBroker({ store: openLmdbStore({ path: join(folder, "data") }) });
  const publisher = new SysPublisher(broker, "1", 60);
  await broker.publish({ topicName: "kept", payload: "x", retain: true });
  publisher.close();
  await broker.close();
  broker = createBroker({ store: openLmdbStore({ path: join(folder, "data") }) });
  expect(broker.stats().retained).toBe(1);
});
