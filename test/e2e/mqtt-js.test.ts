import { connect as connectTo, type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { TRANSPORTS } from "../support/transports.js";
import { stockServer } from "./stock-server.js";

let url = "";
const open: MqttClient[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.endAsync(true)));
});

interface Arrival {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
}

/** A connected client and what it has received. */
async function connect(
  options: IClientOptions,
): Promise<{ client: MqttClient; arrivals: Arrival[] }> {
  const client = connectTo(url, { reconnectPeriod: 0, ...options });
  open.push(client);
  const arrivals: Arrival[] = [];
  // Before it is connected: what was queued comes right behind CONNACK.
  client.on("message", (topic, payload, { qos, retain }) => {
    arrivals.push({ topic, payload: payload.toString(), qos, retain });
  });
  await new Promise((resolve, reject) => {
    client.once("connect", resolve);
    client.once("error", reject);
  });
  return { client, arrivals };
}

/** Messages sent before this have arrived: the marker comes behind them, and its PUBREL behind theirs. */
async function settle(client: MqttClient, arrivals: Arrival[], topic: string): Promise<void> {
  const marker = `marker ${Math.random()}`;
  await client.publishAsync(topic, marker, { qos: 2 });
  await expect.poll(() => arrivals.some(({ payload }) => payload === marker)).toBe(true);
  arrivals.splice(
    arrivals.findIndex(({ payload }) => payload === marker),
    1,
  );
}

const WAYS = [
  ...TRANSPORTS.map((transport) => ({ scheme: "mqtt", transport })),
  { scheme: "ws", transport: "net" },
];

describe.each(WAYS)("MQTT.js over $scheme, by $transport", ({ scheme, transport }) => {
  const server = stockServer("--transport", transport);
  beforeAll(() => {
    url = `${scheme}://127.0.0.1:${scheme === "ws" ? server.wsPort() : server.port()}`;
  });

  it("[S1] [S5] [S7] gets point-to-point messages at QoS 0, 1 and 2 without subscribing", async () => {
    const id = "GID_demo@@@A";
    const receiver = await connect({ clientId: id });
    const spy = await connect({ clientId: "spy" });
    await spy.client.subscribeAsync(["#", "demo/p2p/#"]);
    const sender = await connect({ clientId: "B" });
    for (const qos of [0, 1, 2] as const) {
      await sender.client.publishAsync(`demo/p2p/${id}`, `at ${qos}`, { qos });
    }
    await settle(sender.client, receiver.arrivals, `demo/p2p/${id}`);
    expect(receiver.arrivals).toEqual(
      [0, 1, 2].map((qos) => ({
        topic: `demo/p2p/${id}`,
        payload: `at ${qos}`,
        qos,
        retain: false,
      })),
    );
    await settle(sender.client, spy.arrivals, "ordinary");
    expect(spy.arrivals).toEqual([]);
  });

  it("[P15] sends to itself at every QoS", async () => {
    const { client, arrivals } = await connect({ clientId: "self" });
    for (const qos of [0, 1, 2] as const) {
      await client.publishAsync("x/p2p/self", `${qos}`, { qos });
    }
    await expect.poll(() => arrivals.map(({ payload }) => payload)).toEqual(["0", "1", "2"]);
  });

  it("publishes and subscribes at every QoS, with retained messages and wildcards", async () => {
    const sender = await connect({ clientId: "pub" });
    await sender.client.publishAsync("js/r", "kept", { qos: 1, retain: true });
    const receiver = await connect({ clientId: "sub" });
    await receiver.client.subscribeAsync("js/+", { qos: 2 });
    await expect
      .poll(() => receiver.arrivals)
      .toEqual([{ topic: "js/r", payload: "kept", qos: 1, retain: true }]);
    for (const qos of [0, 1, 2] as const) {
      await sender.client.publishAsync("js/live", `${qos}`, { qos });
    }
    await expect.poll(() => receiver.arrivals.length).toBe(4);
    expect(receiver.arrivals.slice(1).map(({ qos }) => qos)).toEqual([0, 1, 2]);
    await receiver.client.unsubscribeAsync("js/+");
    await sender.client.publishAsync("js/live", "late", { qos: 1 });
    await sender.client.publishAsync("js/p2p/sub", "end", { qos: 1 });
    await expect.poll(() => receiver.arrivals.at(-1)?.payload).toBe("end");
    expect(receiver.arrivals.length).toBe(5);
  });

  it("[MQTT-3.1.2-5] finds its Session and what was queued when it comes back", async () => {
    const first = await connect({ clientId: "durable", clean: false });
    await first.client.subscribeAsync("queue/#", { qos: 1 });
    await first.client.endAsync();
    const sender = await connect({ clientId: "pub2" });
    for (let n = 0; n < 50; n += 1) await sender.client.publishAsync("queue/x", `${n}`, { qos: 1 });
    const again = await connect({ clientId: "durable", clean: false });
    await expect.poll(() => again.arrivals.length).toBe(50);
    expect(again.arrivals.map(({ payload }) => Number(payload))).toEqual([...Array(50).keys()]);
  });

  it("[M30] workers of a share have every message once; what a dead one has not answered goes on", async () => {
    const workers = await Promise.all([1, 2].map((n) => connect({ clientId: `worker${n}` })));
    // It takes messages and never acknowledges one.
    const silent = await connect({ clientId: "silent" });
    silent.client.handleMessage = () => undefined;
    for (const { client } of [...workers, silent]) {
      await client.subscribeAsync("$share/workers/jobs/#", { qos: 1 });
    }
    const sender = await connect({ clientId: "jobs" });
    await Promise.all(
      Array.from({ length: 90 }, (_, n) =>
        sender.client.publishAsync(`jobs/${n % 3}`, `${n}`, { qos: 1 }),
      ),
    );
    const count = (): number => workers.reduce((sum, { arrivals }) => sum + arrivals.length, 0);
    // The silent one keeps its window of 32, and what came while bytes for both workers were still on
    // their way: a few more where writes end later, as over WebSocket.
    await expect.poll(count).toBeGreaterThanOrEqual(45);
    silent.client.stream.destroy();
    await expect.poll(count).toBe(90);
    const got = workers.flatMap(({ arrivals }) => arrivals.map(({ payload }) => Number(payload)));
    expect(got.sort((a, b) => a - b)).toEqual([...Array(90).keys()]);
  });

  it("[MQTT-3.1.2-8] its Will is published when its connection breaks", async () => {
    const watcher = await connect({ clientId: "watcher" });
    await watcher.client.subscribeAsync("wills/#", { qos: 1 });
    const mortal = await connect({
      clientId: "mortal",
      will: { topic: "wills/mortal", payload: Buffer.from("gone"), qos: 1, retain: false },
    });
    mortal.client.stream.destroy();
    await expect.poll(() => watcher.arrivals.map(({ payload }) => payload)).toEqual(["gone"]);
  });

  it("takes 900 messages of QoS 2 sent at once, each once, in order", async () => {
    const receiver = await connect({ clientId: "many" });
    await receiver.client.subscribeAsync("many", { qos: 2 });
    const sender = await connect({ clientId: "burst" });
    const sent = Array.from({ length: 900 }, (_, n) =>
      sender.client.publishAsync("many", `${n}`, { qos: 2 }),
    );
    await Promise.all(sent);
    await expect.poll(() => receiver.arrivals.length, { timeout: 15_000 }).toBe(900);
    expect(receiver.arrivals.map(({ payload }) => Number(payload))).toEqual([...Array(900).keys()]);
  });
});
