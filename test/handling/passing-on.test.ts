import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { bytesOf, Harness, textOf } from "../support/harness.js";

describe("a message that is passed on", () => {
  it("tells of what was accepted, not of what was refused", () => {
    const told: unknown[] = [];
    const harness = new Harness({
      policy: { mayPublish: (_from, topicName) => topicName !== "no" },
      events: {
        onPublish: (from, topicName, payload, qos, retain) =>
          told.push([from?.clientId, topicName, textOf(payload), qos, retain]),
      },
    });
    const client = harness.connect({ clientId: "A" });
    client.publish("t", "1", { qos: 1, retain: true });
    client.publish("no", "2");
    const payload = bytesOf("3");
    harness.broker.publish({ topicName: "own", payload, qos: 2, retain: false }, harness.nowMs);
    expect(told).toEqual([
      ["A", "t", "1", 1, true],
      [undefined, "own", "3", 2, false],
    ]);
  });
});

describe("onMessage", () => {
  it("sees permitted messages of Clients, Wills too, and not the owner's", () => {
    const seen: unknown[] = [];
    const harness = new Harness({
      policy: {
        mayPublish: (_from, topicName) => topicName !== "no",
        onMessage: ({ topicName, payload, qos, retain }, from) => {
          seen.push([from.clientId, topicName, textOf(payload), qos, retain]);
          return undefined;
        },
      },
    });
    const client = harness.connect({ clientId: "A", will: { topicName: "will" } });
    client.publish("t", "1", { qos: 1, retain: true });
    client.publish("no", "2", { qos: 1 });
    const own = { topicName: "own", payload: bytesOf("3"), qos: 0, retain: false } as const;
    harness.broker.publish(own, harness.nowMs);
    client.cut();
    expect(seen).toEqual([
      ["A", "t", "1", 1, true],
      ["A", "will", "gone", 0, false],
    ]);
  });

  it.each([0, 1, 2] as const)(
    '"drop" ends the message at QoS %i: acknowledged, counted, for nobody',
    (qos) => {
      const harness = new Harness({ policy: { onMessage: () => "drop" } });
      const witness = harness.connect({ clientId: "W" });
      witness.subscribe("#");
      const client = harness.connect({ clientId: "A" });
      client.publish("t", "x", { qos, packetId: 4, retain: true });
      const answers = { 0: [], 1: [PacketType.PUBACK], 2: [PacketType.PUBREC] };
      expect(client.packets().map(({ type }) => type)).toEqual(answers[qos]);
      expect(witness.packets()).toEqual([]);
      expect(harness.broker.gauges.retained).toBe(0);
      expect(harness.drops).toEqual([
        { reason: "dropped-by-hook", topicName: "t", receiverId: undefined },
      ]);
    },
  );

  it("[M4] is asked once for a QoS 2 message, however often that is repeated", () => {
    let asked = 0;
    const harness = new Harness({
      policy: {
        onMessage: () => {
          asked += 1;
          return undefined;
        },
      },
    });
    const client = harness.connect();
    for (let at = 0; at < 3; at += 1) client.publish("t", "x", { qos: 2, packetId: 3 });
    expect(asked).toBe(1);
  });
});
