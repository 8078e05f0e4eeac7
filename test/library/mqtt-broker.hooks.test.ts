import { afterEach, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";
import type { BrokerOptions } from "../../src/library/options.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";
import { unhurried } from "../support/unhurried.js";

const brokers: MqttBroker[] = [];
afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
});

function brokerWith(options: BrokerOptions): MqttBroker {
  const broker = createBroker(unhurried(options));
  brokers.push(broker);
  return broker;
}

describe("[M11] a topic with a character that clients refuse", () => {
  const STRANGE = "a\u0007";

  it("is refused to publish(), at once, also inside a turn, and to sendToClient() and notify()", async () => {
    const thrown: string[] = [];
    const broker = brokerWith({});
    const publish = () => broker.publish({ topicName: STRANGE, payload: "" });
    broker.on("connect", ({ client }) => {
      for (const call of [publish, () => broker.notify(client, { topicName: STRANGE })]) {
        try {
          void call();
        } catch (error) {
          thrown.push(String(error));
        }
      }
    });
    await broker.connectInProcess({ clientId: "A" });
    expect(thrown).toEqual([
      expect.stringContaining("with U+0007"),
      expect.stringContaining("without + #, control characters"),
    ]);
    expect(publish).toThrow("U+0007");
    const message = { parent: "p", payload: "", topicName: STRANGE };
    await expect(broker.sendToClient("A", message)).rejects.toThrow("U+0007");
  });

  it("drops the message that onMessage moves there, and tells why", async () => {
    const broker = brokerWith({ onMessage: () => ({ topicName: STRANGE }) });
    const errors: string[] = [];
    broker.on("error", (error) => errors.push(String(error)));
    const client = await broker.connectInProcess({ clientId: "A" });
    await client.publish({ topicName: "t", payload: "", qos: 1 });
    expect(errors).toEqual([expect.stringContaining("U+0007")]);
    expect(broker.stats().drops["dropped-by-hook"]).toBe(1);
  });
});

describe("hooks of a broker", () => {
  it("data of authenticate is client.data in every later hook and event", async () => {
    const seen: unknown[] = [];
    const note = ({ data }: { readonly data?: unknown }): true => {
      seen.push(data);
      return true;
    };
    const broker = brokerWith({
      authenticate: async () => ({ kind: "accepted", data: "d" }),
      mayPublish: note,
      onMessage: (_message, from) => void note(from),
      forward: (_message, from) => void note(from),
    });
    broker.on("connect", ({ client }) => note(client));
    const client = await broker.connectInProcess({ clientId: "A" });
    await client.publish({ topicName: "t", payload: "x", qos: 1 });
    expect(seen).toEqual(["d", "d", "d", "d"]);
  });

  it("a late permission and a promise of forward hold the acknowledgement back", async () => {
    const order: string[] = [];
    const broker = brokerWith({
      mayPublish: async () => {
        await new Promise(setImmediate);
        order.push("allowed");
        return true;
      },
      forward: async () => {
        await new Promise(setImmediate);
        order.push("forwarded");
      },
    });
    const client = await broker.connectInProcess({ clientId: "A" });
    await client.publish({ topicName: "t", payload: "x", qos: 2 });
    expect([...order, "acknowledged"]).toEqual(["allowed", "forwarded", "acknowledged"]);
  });

  it("a forward that rejects closes the publisher, and the error is told", async () => {
    const told: unknown[] = [];
    const broker = brokerWith({ forward: () => Promise.reject(new Error("down")) });
    broker.on("error", (error) => told.push(error));
    broker.on("disconnect", ({ reason }) => told.push(reason));
    const client = await broker.connectInProcess({ clientId: "A" });
    await expect(client.publish({ topicName: "t", payload: "x", qos: 1 })).rejects.toThrow();
    expect(told).toEqual([new Error("down"), "forward-failed"]);
  });
});

describe("durable answers of the owner", () => {
  it("publish and sendToClient resolve when what they promise is durable", async () => {
    const disk = new SlowDisk();
    const broker = brokerWith({ store: slowStore(disk) });
    const done: string[] = [];
    const published = broker
      .publish({ topicName: "t", payload: "x", retain: true })
      .then(() => done.push("published"));
    const message = { parent: "p", payload: "x", keepOffline: true };
    const sent = broker.sendToClient("A", message).then((outcome) => done.push(outcome));
    await new Promise(setImmediate);
    expect(done).toEqual([]);
    disk.finishAll();
    await Promise.all([published, sent]);
    expect(done).toEqual(["published", "queued"]);
  });

  it("without anything to keep they resolve at once", async () => {
    const broker = brokerWith({});
    await broker.publish({ topicName: "t", payload: "x", retain: true });
    expect(await broker.sendToClient("A", { parent: "p", payload: "x" })).toBe("offline");
  });
});
