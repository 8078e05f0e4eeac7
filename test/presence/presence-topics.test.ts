import { afterEach, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import { PresenceTopics } from "../../src/presence/presence-topics.js";
import { eventFor } from "./presence-world.js";

const brokers: MqttBroker[] = [];
afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
});

interface Told {
  readonly topicName: string;
  readonly retain: boolean;
  readonly fields: { readonly clientid: string; readonly reason?: string };
}

async function watched() {
  const broker = createBroker({ limits: { clientIdBytesMax: 65_535 } });
  brokers.push(broker);
  const topics = new PresenceTopics(broker, "n1");
  broker.on("presence", topics.add);
  const told: Told[] = [];
  const watcher = await broker.connectInProcess({ clientId: "watcher" });
  watcher.onMessage(({ topicName, payload, retain }) =>
    told.push({ topicName, retain, fields: JSON.parse(Buffer.from(payload).toString()) }),
  );
  await watcher.subscribe("$SYS/brokers/+/clients/#", 1);
  return { broker, topics, told };
}

describe("topics of presence", () => {
  it("tell who is here and who is gone, with EMQX's topics and fields, and keep nothing", async () => {
    const { broker, told } = await watched();
    const client = await broker.connectInProcess({
      ...{ clientId: "a", username: "u", keepAliveSeconds: 30, cleanSession: false },
    });
    const { channelId } = broker.client("a") ?? {};
    await client.disconnect();
    const common = {
      ...{ clientid: "a", username: "u", ipaddress: expect.any(String), sockport: 0 },
      ...{ proto_name: "MQTT", proto_ver: 4, ts: expect.any(Number), channelid: channelId },
      connected_at: expect.any(Number),
    };
    expect(told).toEqual([
      {
        topicName: "$SYS/brokers/n1/clients/a/connected",
        retain: false,
        fields: {
          ...common,
          ...{ keepalive: 30, clean_start: false, expiry_interval: 4_294_967_295, connack: 0 },
        },
      },
      {
        topicName: "$SYS/brokers/n1/clients/a/disconnected",
        retain: false,
        fields: { ...common, reason: "normal", disconnected_at: expect.any(Number) },
      },
    ]);
    expect(broker.retained().items).toEqual([]);
  });

  it("have EMQX's reasons, and ours where it has none", async () => {
    const { broker, told } = await watched();
    await broker.connectInProcess({ clientId: "a" });
    await broker.connectInProcess({ clientId: "a" });
    broker.disconnect("a");
    (await broker.connectInProcess({ clientId: "a" })).drop();
    await broker.connectInProcess({ clientId: "b" }); // after the end of a
    const reasons = told.flatMap(({ fields }) => fields.reason ?? []);
    expect(reasons).toEqual(["takenover", "kicked", "tcp_closed"]);
  });

  it("have identifiers that fit into no level as a URL has them", async () => {
    const { broker, told } = await watched();
    await broker.connectInProcess({ clientId: "a/+/#%/ü b" });
    expect(told[0]?.topicName).toBe("$SYS/brokers/n1/clients/a%2F%2B%2F%23%25%2Fü b/connected");
    expect(told[0]?.fields.clientid).toBe("a/+/#%/ü b");
  });

  it("leave out an identifier with which the topic would be too long", async () => {
    const { broker, told } = await watched();
    const errors: unknown[] = [];
    broker.on("error", (error) => errors.push(error));
    await broker.connectInProcess({ clientId: "/".repeat(30_000) });
    await broker.connectInProcess({ clientId: "b" });
    expect(told.map(({ fields }) => fields.clientid)).toEqual(["b"]);
    expect(errors).toEqual([]);
  });

  it("are those of a node that is gone, when another one tells of it", async () => {
    const { broker, topics, told } = await watched();
    topics.add(eventFor("c1", "tcpclean", 7, { clientId: "a", reason: "node-lost" }), "n2");
    await broker.connectInProcess({ clientId: "b" }); // after that
    expect(told.slice(0, 1)).toMatchObject([
      {
        topicName: "$SYS/brokers/n2/clients/a/disconnected",
        fields: { clientid: "a", reason: "node-lost", channelid: "c1", disconnected_at: 7 },
      },
    ]);
  });
});
