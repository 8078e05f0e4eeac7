import { describe, expect, it } from "vitest";
import { Harness, textOf } from "../support/harness.js";

describe("point-to-point", () => {
  for (const qos of [0, 1, 2] as const) {
    it(`[S5] [S6] [P5] reaches at QoS ${qos} a Client that never subscribed, once`, () => {
      const harness = new Harness();
      const receiver = harness.connect({ clientId: "GID_demo@@@A" });
      const sender = harness.connect({ clientId: "B" });
      sender.publish("demo/p2p/GID_demo@@@A", "hello", { qos });
      const [message, ...more] = receiver.publishes();
      expect(more).toEqual([]);
      expect(message).toMatchObject({ topicName: "demo/p2p/GID_demo@@@A", qos, dup: false });
      expect(textOf(message?.payload as Uint8Array)).toBe("hello");
    });
  }

  it("[S2] [P3] nobody else sees it, whatever they subscribed to", () => {
    const harness = new Harness();
    harness.connect({ clientId: "A" });
    const spy = harness.connect({ clientId: "spy" });
    expect(spy.subscribe("#", "+/p2p/+", "demo/p2p/#", "demo/#")).toEqual([0, 0, 0, 0]);
    harness.connect({ clientId: "B" }).publish("demo/p2p/A", "secret");
    expect(spy.publishes()).toEqual([]);
  });
});

describe("Subscriptions", () => {
  it("[M6] [MQTT-3.3.5-1] overlapping filters: one copy at the highest granted QoS", () => {
    const harness = new Harness();
    const receiver = harness.connect({ clientId: "A" });
    receiver.subscribe(["a/#", 0], ["a/b", 2], ["a/+", 1]);
    harness.connect({ clientId: "B" }).publish("a/b", "x", { qos: 2 });
    expect(receiver.publishes()).toMatchObject([{ qos: 2, topicName: "a/b" }]);
  });
});
