import { describe, expect, it } from "vitest";
import { Harness, publishPacket } from "../support/harness.js";

describe("RETAIN", () => {
  it("[M5] [MQTT-3.3.1-5] [MQTT-3.3.1-7] keeps the last message of a topic at any QoS", () => {
    const harness = new Harness();
    const client = harness.connect();
    for (const qos of [2, 0, 1] as const) {
      client.publish("t", `at ${qos}`, { retain: true, qos });
      const other = harness.connect({ clientId: "other" });
      other.subscribe(["t", 2]);
      expect(other.publishes()).toMatchObject([{ qos, retain: true }]);
    }
    expect(harness.broker.gauges.retained).toBe(1);
  });

  it("[MQTT-3.3.1-10] [MQTT-3.3.1-11] an empty one is passed on and wipes what was kept", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe("t");
    client.publish("t", "x", { retain: true });
    client.publish("t", "", { retain: true });
    client.publish("never", "", { retain: true });
    expect(client.publishes().map(({ retain, payload }) => [retain, payload.length])).toEqual([
      [false, 1],
      [false, 0],
    ]);
    expect(harness.broker.gauges.retained).toBe(0);
    expect(harness.broker.stats.retainedBytes).toBe(0);
  });

  it("[T9] thousands kept or removed at once are sliced: each costs more than a message passed on", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 90 } });
    const client = harness.connect();
    const { broker, nowMs } = harness;
    const counts = (payload: string): number[] => {
      const topics = Array.from({ length: 40 }, (_, at) => `t/${at}`);
      client.send(...topics.map((topic) => publishPacket(topic, payload, { retain: true })));
      const seen = [broker.gauges.retained];
      while (broker.needsWork) {
        broker.work(nowMs);
        seen.push(broker.gauges.retained);
      }
      return seen;
    };
    expect(counts("x")).toEqual([10, 20, 30, 40]);
    expect(counts("")).toEqual([30, 20, 10, 0]);
  });

  it("[MQTT-3.3.1-12] without it nothing kept is touched", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.publish("t", "kept", { retain: true });
    client.publish("t", "passing");
    client.publish("t", "");
    client.subscribe("t");
    expect(client.payloads()).toEqual(["kept"]);
  });

  it("[MQTT-3.1.2-7] outlives the Session of its publisher", () => {
    const harness = new Harness();
    const client = harness.connect({ clientId: "A" });
    client.publish("t", "kept", { retain: true });
    client.disconnect();
    const other = harness.connect({ clientId: "B" });
    other.subscribe("t");
    expect(other.payloads()).toEqual(["kept"]);
  });

  it("counts the bytes of Topic Names and payloads, also when replaced", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.publish("t", "12345", { retain: true });
    client.publish("\u00e9", "1", { retain: true });
    client.publish("t", "1", { retain: true });
    expect(harness.broker.stats.retainedBytes).toBe(2 + 3);
  });

  it("[I07] at the bound of messages one is kept, one past it only delivered, counted, told", () => {
    const harness = new Harness({ limits: { retainedMessagesMax: 2 } });
    const client = harness.connect();
    client.subscribe("c");
    for (const topicName of ["a", "b", "c"]) client.publish(topicName, "x", { retain: true });
    client.publish("a", "y", { retain: true }); // replaces: no new one
    expect(client.payloads()).toEqual(["x"]);
    expect(harness.drops).toEqual([
      { reason: "retained-full", topicName: "c", receiverId: undefined },
    ]);
    expect(harness.broker.gauges.retained).toBe(2);
  });

  it("[I07] past the bound of bytes nothing is served rather than what is out of date", () => {
    const harness = new Harness({ limits: { retainedBytesMax: 10 } });
    const client = harness.connect();
    client.publish("t", "123456789", { retain: true });
    expect(harness.broker.stats.retainedBytes).toBe(10);
    client.publish("t", "1234567890", { retain: true });
    expect(harness.dropCount("retained-full")).toBe(1);
    expect(harness.broker.stats.retainedBytes).toBe(0);
    client.subscribe("t");
    expect(client.packets()).toEqual([]);
  });

  it("[I08] the same topic ten thousand times keeps one message", () => {
    const harness = new Harness();
    const client = harness.connect();
    for (let at = 0; at < 10_000; at += 1) client.publish("t", `${at}`, { retain: true });
    expect(harness.broker.gauges.retained).toBe(1);
    expect(harness.broker.stats.retainedBytes).toBe(5);
  });

  it("keeps its bytes although the chunk they came in is used again", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.publish("t", "kept", { retain: true });
    client.publish("t2", "other", { retain: true });
    client.subscribe("t", "t2");
    expect(client.payloads()).toEqual(["kept", "other"]);
  });
});
