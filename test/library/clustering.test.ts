import { afterEach, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { MemoryLog } from "../support/memory-fabric.js";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const lines: string[] = [];
const logger = {
  info: (line: string) => void lines.push(line),
  warn: (line: string) => void lines.push(line),
  error: (line: string) => void lines.push(line),
};

function node(log: MemoryLog, nodeName: string, options: BrokerOptions = {}, more = {}) {
  const fabric = log.fabric();
  const broker = createBroker({ logger, ...options, cluster: { nodeName, fabric, ...more } });
  ends.push(() => broker.close());
  return { broker, fabric };
}

/** Looks again and again: how long it takes depends on the machine. */
async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 40_000;
  while (!isSo()) {
    if (performance.now() > end) expect.fail(`in vain: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const serves = ({ cluster }: MqttBroker) => cluster?.status().isServing === true;

async function two() {
  const log = new MemoryLog();
  const [a, b] = [node(log, "a"), node(log, "b")];
  await until(() => serves(a.broker) && serves(b.broker));
  await until(() => a.broker.cluster?.status().nodes.length === 2);
  await until(() => b.broker.cluster?.status().nodes.length === 2);
  return { log, a, b };
}

/** Sessions without a connection. @returns whose. */
async function keepSessions(broker: MqttBroker, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, at) => `kept-${at}`);
  const clients = await Promise.all(
    ids.map((clientId) => broker.connectInProcess({ clientId, cleanSession: false })),
  );
  await Promise.all(clients.map((client) => client.disconnect()));
  return ids;
}

describe("a broker in a cluster", () => {
  it("is one broker with the other nodes: point-to-point and subscriptions, QoS 0, 1 and 2", async () => {
    const { a, b } = await two();
    const receiver = await b.broker.connectInProcess({ clientId: "receiver" });
    const sender = await a.broker.connectInProcess({ clientId: "sender" });
    const got: string[] = [];
    receiver.onMessage(({ topicName, payload }) => {
      got.push(`${topicName} ${new TextDecoder().decode(payload)}`);
    });
    await receiver.subscribe([{ topicFilter: "news/#", requestedQos: 2 }]);
    for (const qos of [0, 1, 2] as const) {
      await sender.publish({ topicName: "app/p2p/receiver", payload: `direct ${qos}`, qos });
      await sender.publish({ topicName: "news/x", payload: `all ${qos}`, qos });
    }
    await until(() => got.length === 6);
    expect(got.filter((text) => text.startsWith("app"))).toEqual([
      ...["app/p2p/receiver direct 0", "app/p2p/receiver direct 1", "app/p2p/receiver direct 2"],
    ]);
    expect(got.filter((text) => text.startsWith("news"))).toEqual([
      ...["news/x all 0", "news/x all 1", "news/x all 2"],
    ]);
  });

  it("knows where a Client is, and closes it from any node", async () => {
    const { a, b } = await two();
    const client = await b.broker.connectInProcess({ clientId: "c" });
    await until(() => a.broker.cluster?.whereIs("c") === "b");
    const here = await a.broker.connectInProcess({ clientId: "a" });
    const all = [
      { clientId: "a", username: undefined, nodeName: "a" },
      { clientId: "c", username: undefined, nodeName: "b" },
    ];
    await until(() => b.broker.cluster?.whereIs("a") === "a");
    for (const { broker } of [a, b]) expect(broker.cluster?.clients().items).toEqual(all);
    const first = a.broker.cluster?.clients({ limit: 1 });
    expect(first).toEqual({ items: all.slice(0, 1), next: "a" });
    const { next: after } = first ?? {};
    expect(a.broker.cluster?.clients({ after })).toEqual({ items: all.slice(1), next: undefined });
    expect(() => a.broker.cluster?.clients({ limit: 1_001 })).toThrow("limit must be");
    await here.disconnect();
    expect(a.broker.cluster?.whereIs("nobody")).toBeUndefined();
    expect(a.broker.disconnect("c")).toBe(true);
    expect(a.broker.disconnect("nobody")).toBe(false);
    await client.closed;
    await until(() => a.broker.cluster?.whereIs("c") === undefined);
  });

  it("[L05] has each Client Identifier once: who connects elsewhere takes over", async () => {
    const { a, b } = await two();
    const first = await a.broker.connectInProcess({ clientId: "c" });
    await b.broker.connectInProcess({ clientId: "c" });
    await first.closed;
    await until(() => a.broker.cluster?.whereIs("c") === "b");
  });

  it("[L01] [L02] takes topics that look like subjects of the bus for what they are", async () => {
    const { a, b } = await two();
    const got: string[] = [];
    const receiver = await b.broker.connectInProcess({ clientId: "bl.beeline.order" });
    receiver.onMessage(({ topicName }) => void got.push(topicName));
    await receiver.subscribe([{ topicFilter: "#", requestedQos: 1 }]);
    const sender = await a.broker.connectInProcess({ clientId: "sender" });
    const topics = [
      "bl.beeline.order",
      "a.b.>",
      "a b",
      "*",
      ">",
      "_INBOX.x",
      "a/p2p/bl.beeline.order",
    ];
    for (const topicName of topics) await sender.publish({ topicName, payload: "x", qos: 1 });
    await until(() => got.length === topics.length);
    expect(got.sort()).toEqual([...topics].sort());
    expect(a.broker.cluster?.status().foreign).toBe(0);
  });

  it("says who joins and leaves, and that it serves", async () => {
    lines.length = 0;
    const { b } = await two();
    expect(lines).toContain("this node, a, serves as one of the cluster");
    await b.broker.close();
    await until(() => lines.includes("node b has left the cluster"));
    expect(b.fabric.isClosed).toBe(true);
  });

  it("says that it goes, behind all of its Clients: the others need not find out", async () => {
    const { a, b } = await two();
    const ids = Array.from({ length: 50 }, (_, at) => `c${at}`);
    for (const clientId of ids) await b.broker.connectInProcess({ clientId });
    await until(() => a.broker.cluster?.whereIs("c49") === "b");
    await b.broker.close();
    const closedMs = performance.now();
    await until(() => a.broker.cluster?.status().nodes.length === 1);
    expect(performance.now() - closedMs).toBeLessThan(10_000); // by silence it takes 15 s
    expect(ids.map((id) => a.broker.cluster?.whereIs(id)).every((at) => at === undefined)).toBe(
      true,
    );
  });

  it("[M33] hands over every Session it keeps before it goes, however many", async () => {
    const { a, b } = await two();
    const ids = await keepSessions(b.broker, 1_000);
    await b.broker.close();
    await until(() => ids.every((id) => a.broker.client(id) !== undefined));
    expect(a.broker.cluster?.status().handovers).toMatchObject({ arrived: 1_000, failed: 0 }); // not given up
  });

  it("[M33] is drained: who is connected is closed, who connects is sent away, all Sessions go", async () => {
    lines.length = 0;
    const { a, b } = await two();
    const ids = await keepSessions(b.broker, 20);
    const connected = await b.broker.connectInProcess({ clientId: "on", cleanSession: false });
    expect(b.broker.cluster?.drainState).toBeUndefined();
    const drained = b.broker.cluster?.drain();
    expect(b.broker.cluster?.drainState).toMatchObject({ state: "draining" });
    await connected.closed;
    await expect(b.broker.connectInProcess({ clientId: "new" })).rejects.toMatchObject({
      returnCode: 3,
    });
    const done = { state: "done", handedOver: 21, left: 0, connected: 0 };
    expect(await drained).toEqual(done);
    expect(await b.broker.cluster?.drain({ timeoutMs: 1 })).toEqual(done); // nothing more
    expect(b.broker.cluster?.drainState).toEqual(done);
    for (const id of [...ids, "on"]) expect(a.broker.client(id)).toBeDefined();
    expect(lines).toContain("drained: 21 sessions are at other nodes");
    expect(a.broker.cluster?.status().nodes.map(({ isLeaving }) => isLeaving)).toEqual([
      false,
      true,
    ]);
  });

  it("says how much is left when the time of a drain is up, and closes without another try", async () => {
    const { log, a, b } = await two();
    await keepSessions(b.broker, 3);
    for (const fabric of log.fabrics) fabric.isCut = true;
    const state = await b.broker.cluster?.drain({ timeoutMs: 50 });
    expect(state).toEqual({ state: "incomplete", handedOver: 0, left: 3, connected: 0 });
    const beganMs = performance.now();
    await b.broker.close();
    expect(performance.now() - beganMs).toBeLessThan(5_000);
    for (const fabric of log.fabrics) fabric.isCut = false;
    await a.broker.close();
  });

  it("is not drained where nobody could take anything", async () => {
    const { broker } = node(new MemoryLog(), "a");
    await until(() => serves(broker));
    await expect(broker.cluster?.drain()).rejects.toThrow("there is no other node");
    await expect(broker.cluster?.drain({ timeoutMs: -1 })).rejects.toThrow("timeoutMs");
    expect(broker.cluster?.drainState).toBeUndefined();
    await broker.connectInProcess({ clientId: "x" });
  });

  it("ends when entries of the log are gone: whoever runs it is told", async () => {
    const told: string[] = [];
    const log = new MemoryLog();
    const onLost = ({ message }: Error) => void told.push(message);
    const { broker, fabric } = node(log, "a", {}, { onLost });
    await until(() => serves(broker));
    fabric.lose(new Error("entries are gone"));
    expect(told).toEqual(["entries are gone"]);
    expect(serves(broker)).toBe(false);
  });

  it("is alone without the option", () => {
    const broker = createBroker();
    ends.push(() => broker.close());
    expect(broker.cluster).toBeUndefined();
  });

  it.each([
    [{ nodeName: "" }, /cluster\.nodeName is "".*1 to 64 characters/],
    [{ nodeName: "x".repeat(65) }, /cluster\.nodeName/],
    [{ fabric: {} }, /cluster\.fabric .*openNatsFabric\(\) of beeline-mqtt\/cluster/],
    [{ onEngineLoss: "wait" }, /cluster\.onEngineLoss is "wait"; allowed: close, serve-local/],
    [{ name: "x" }, /unknown key cluster\.name/],
  ])("refuses options that cannot be: %j", (wrong, text) => {
    const cluster = { nodeName: "a", fabric: new MemoryLog().fabric(), ...wrong };
    expect(() => createBroker({ cluster: cluster as never })).toThrow(text);
  });

  it("[M34] takes a store beside it, but none with retained messages of a server that was alone", async () => {
    const cluster = { nodeName: "a", fabric: new MemoryLog().fabric() };
    const store = memoryStore();
    const broker = createBroker({ cluster, store });
    expect(broker.cluster?.status().nodeName).toBe("a");
    await broker.close();
    const alone = new MemoryBackend();
    {
      await using lonely = createBroker({ store: memoryStore(alone) });
      await lonely.publish({ topicName: "t/1", payload: "x", retain: true });
    }
    expect(() => createBroker({ cluster, store: memoryStore(alone) })).toThrow(
      "the store holds retained messages of a server that was alone (t/1 and perhaps more)",
    );
  });
});
