import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, connectAsync } from "mqtt";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import { openLmdbStore } from "../../src/store/lmdb-store.js";

const COUNT = 800;
const LOST = "message 123!";

let path = "";
let broker: MqttBroker;
let url = "";
let errors: string[] = [];
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "beeline-lost-"));
});
afterEach(async () => {
  await broker.close();
  rmSync(path, { recursive: true, force: true });
});

async function start(): Promise<void> {
  errors = [];
  broker = createBroker({ store: openLmdbStore({ path }) });
  broker.on("error", (error) => void errors.push(String(error)));
  const { port } = await broker.listen({ port: 0 });
  url = `mqtt://127.0.0.1:${port}`;
}

function harm(): void {
  const file = join(path, "data.mdb");
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(LOST); at >= 0; at = bytes.indexOf(LOST)) bytes[at] = 0x4d;
  writeFileSync(file, bytes);
}

/** The receiver goes, 800 messages are acknowledged for it. */
async function queueAll(): Promise<void> {
  const receiver = await connectAsync(url, { clientId: "receiver", clean: false });
  await receiver.subscribeAsync("t", { qos: 1 });
  await receiver.endAsync();
  const publisher = await connectAsync(url);
  await Promise.all(
    Array.from({ length: COUNT }, (_, n) =>
      publisher.publishAsync("t", `message ${n}!`, { qos: 1 }),
    ),
  );
  await publisher.endAsync();
}

/** What the receiver gets when it comes back, up to a message that is sent to it then. */
async function receiveAll(): Promise<string[]> {
  const receiver = connect(url, { clientId: "receiver", clean: false, manualConnect: true });
  const got: string[] = [];
  const last = new Promise<void>((resolve) => {
    receiver.on("message", (_topic, payload) => {
      got.push(payload.toString());
      if (payload.toString() === "last") resolve();
    });
  });
  receiver.connect();
  broker.publish({ topicName: "t", payload: "last", qos: 1 });
  await last;
  await receiver.endAsync();
  return got;
}

const expected = Array.from({ length: COUNT }, (_, n) => `message ${n}!`).filter(
  (one) => one !== LOST,
);

it("[D1] [J06] one flipped bit in one of 800 messages: the receiver gets the other 799 and goes on", async () => {
  await start();
  await queueAll();
  await broker.close();
  harm();
  await start();
  expect(await receiveAll()).toEqual([...expected, "last"]);
  expect(errors).toEqual([expect.stringMatching(/client "receiver" is lost: delivery 124/)]);
});

it("[D1] the same when it happens under the running server", async () => {
  await start();
  await queueAll();
  harm();
  expect(await receiveAll()).toEqual([...expected, "last"]);
  expect(errors).toEqual([expect.stringMatching(/delivery 124 is damaged/)]);
});
