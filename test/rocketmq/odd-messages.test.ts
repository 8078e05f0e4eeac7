import { openBridge } from "beeline-rocketmq";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { FakeAdapter, received } from "../../packages/rocketmq/test/fake-adapter.js";
import { createBroker, type MqttBroker } from "../../src/index.js";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function joined(options: Parameters<typeof createBroker>[0] = {}) {
  const adapter = new FakeAdapter();
  const make = async () => adapter;
  const bridge = await openBridge(
    { address: "127.0.0.1:8081", inTopics: ["demo"], outTopics: ["demo"] },
    { grpc: make, remoting: make },
  );
  const broker = createBroker({ ...options, forward: bridge.forward });
  bridge.start(broker);
  ends.push(async () => {
    await bridge.stop();
    await broker.close();
    await bridge.close();
  });
  return { adapter, bridge, broker };
}

/** Collects `topic payload`. */
async function watcher(broker: MqttBroker, clientId: string) {
  const client = await broker.connectInProcess({ clientId });
  const got: string[] = [];
  client.onMessage(({ topicName, payload }) => {
    got.push(`${topicName} ${Buffer.from(payload).toString()}`);
  });
  await client.subscribe([{ topicFilter: "#", requestedQos: 1 }]);
  return got;
}

const NAMES = [
  ...["mqttSecondTopic", "qoslevel", "qosLevel", "cleansessionflag", "cleanSessionFlag"],
  ...["mqttRealTopic", "clientId", "IS_EMPTY_MSG", "beelineNode", "__proto__", "constructor"],
];
const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    "/",
    "//",
    "/p2p",
    "/p2p/",
    "p2p/x",
    "/p2p/x/",
    "/p2p//",
    "/p2p/x/y",
    "/p2p/#",
  ),
  fc.constantFrom("/$SYS/x", "/+", "\0", "\ud800", "0", "1", "2", "3", "-1", " 1", "true", "false"),
  fc.integer({ min: 1, max: 70_000 }).map((length) => `/p2p/${"k".repeat(length)}`),
  fc.integer({ min: 1, max: 33_000 }).map((levels) => "/".repeat(levels)),
);
const messages = fc.record({
  properties: fc.array(fc.tuple(fc.constantFrom(...NAMES), texts), { maxLength: 8 }),
  body: fc.uint8Array({ maxLength: 20 }),
  bornMs: fc.constantFrom(undefined, 0, -1, Number.NaN, Date.now(), Number.MAX_SAFE_INTEGER),
  attempt: fc.constantFrom(0, 1, 1_000_000),
});

describe("odd messages from RocketMQ", () => {
  it("[S8] never hold up what comes behind them, nor end a client that is there", async () => {
    const { adapter, broker } = await joined();
    const got = await watcher(broker, "x");
    await fc.assert(
      fc.asyncProperty(messages, async ({ properties, ...rest }) => {
        const odd = { ...received({}, rest), properties: new Map(properties) };
        expect(await adapter.handler?.(odd)).toBe("done");
      }),
      { numRuns: 200 },
    );
    await adapter.handler?.(received({ mqttSecondTopic: "/p2p/x" }, { body: Buffer.from("end") }));
    await expect.poll(() => got.at(-1), { timeout: 20_000 }).toBe("demo/p2p/x end");
  });

  it("are left to RocketMQ where the broker was closed before the bridge", async () => {
    const { adapter, broker } = await joined();
    await broker.close();
    for (const mqttSecondTopic of ["/a", "/p2p/x"]) {
      expect(await adapter.handler?.(received({ mqttSecondTopic }))).toBe("again");
    }
  });
});
