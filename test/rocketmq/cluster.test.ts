import { openBridge } from "beeline-rocketmq";
import { afterEach, describe, expect, it } from "vitest";
import { FakeAdapter, received } from "../../packages/rocketmq/test/fake-adapter.js";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import { MemoryLog } from "../support/memory-fabric.js";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Node {
  readonly broker: MqttBroker;
  readonly adapter: FakeAdapter;
}

/** A node with a bridge of the group that all nodes share. */
async function node(log: MemoryLog, nodeName: string): Promise<Node> {
  const adapter = new FakeAdapter();
  const make = async () => adapter;
  const bridge = await openBridge(
    { address: "127.0.0.1:8081", inTopics: ["demo"], outTopics: ["demo"], group: "both" },
    { grpc: make, remoting: make },
  );
  const cluster = { nodeName, fabric: log.fabric() };
  const broker = createBroker({ forward: bridge.forward, cluster });
  bridge.start(broker);
  ends.push(async () => {
    await bridge.stop();
    await broker.close();
    await bridge.close();
  });
  return { broker, adapter };
}

async function two(): Promise<readonly [Node, Node]> {
  const log = new MemoryLog();
  const nodes = [await node(log, "a"), await node(log, "b")] as const;
  await until(() => nodes.every(({ broker }) => broker.cluster?.status().isServing));
  await until(() => nodes.every(({ broker }) => broker.cluster?.status().nodes.length === 2));
  return nodes;
}

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 40_000;
  while (!isSo()) {
    if (performance.now() > end) expect.fail(`in vain: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Connects, and collects `topic payload`. */
async function client({ broker }: Node, clientId: string, topicFilter?: string) {
  const connected = await broker.connectInProcess({ clientId });
  const got: string[] = [];
  connected.onMessage(({ topicName, payload }) => {
    got.push(`${topicName} ${new TextDecoder().decode(payload)}`);
  });
  if (topicFilter !== undefined) await connected.subscribe([{ topicFilter, requestedQos: 1 }]);
  return { connected, got };
}

/** Whether a node knows that each node has one who subscribes. */
function areWanted({ cluster }: MqttBroker): boolean {
  return cluster?.status().nodes.every(({ wants }) => wants === 1) === true;
}

/** RocketMQ gives each message to one of a group: here to each of the two in turn. */
async function hand(nodes: readonly Node[], count: number, properties: Record<string, string>) {
  const handled = Array.from({ length: count }, (_, number) =>
    nodes[number % nodes.length]?.adapter.handler?.(
      received(properties, { body: Buffer.from(`${number}`), messageId: `M${number}` }),
    ),
  );
  return Promise.all(handled);
}

const NUMBERS = Array.from({ length: 20 }, (_, number) => `${number}`);

describe("two nodes of a cluster that share a consumer group", () => {
  it("[S8] any node receives, and the one that has the client delivers", async () => {
    const nodes = await two();
    const { got } = await client(nodes[1], "device");
    await until(() => nodes[0].broker.cluster?.whereIs("device") === "b");
    const handled = await hand(nodes, NUMBERS.length, { mqttSecondTopic: "/p2p/device" });
    expect(new Set(handled)).toEqual(new Set(["done"]));
    await until(() => got.length === NUMBERS.length);
    expect(got.map((text) => text.split(" ")[0])).toEqual(NUMBERS.map(() => "demo/p2p/device"));
    expect(got.map((text) => text.split(" ")[1]).sort()).toEqual([...NUMBERS].sort());
  });

  it("gives a message for everybody once to the subscribers of every node", async () => {
    const nodes = await two();
    const here = await client(nodes[0], "here", "demo/#");
    const there = await client(nodes[1], "there", "demo/#");
    await until(() => nodes.every(({ broker }) => areWanted(broker)));
    await hand(nodes, NUMBERS.length, { mqttSecondTopic: "/rooms" });
    for (const { got } of [here, there]) {
      await until(() => got.length === NUMBERS.length);
      expect(new Set(got)).toEqual(new Set(NUMBERS.map((number) => `demo/rooms ${number}`)));
    }
  });

  it("[M26] sends a client's message to RocketMQ once, and takes none of the group's own back", async () => {
    const nodes = await two();
    const there = await client(nodes[1], "there", "demo/#");
    await until(
      () => nodes[0].broker.cluster?.status().nodes.some(({ wants }) => wants === 1) === true,
    );
    const { connected } = await client(nodes[0], "here");
    await connected.publish({ topicName: "demo/rooms", payload: "hello", qos: 1 });
    await until(() => there.got.length === 1);
    const sent = nodes.flatMap(({ adapter }) => adapter.sent);
    expect(sent).toHaveLength(1);
    // RocketMQ gives it back to whichever node it likes: that one knows the group's name.
    for (const { adapter } of nodes) {
      const back = received({}, { properties: sent[0]?.properties ?? new Map() });
      expect(await adapter.handler?.(back)).toBe("done");
    }
    await hand(nodes, 1, { mqttSecondTopic: "/end" });
    await until(() => there.got.at(-1) === "demo/end 0");
    expect(there.got).toEqual(["demo/rooms hello", "demo/end 0"]);
  });
});
