import { describe, expect, it } from "vitest";
import type { Outgoing } from "../src/adapter.js";
import { planOf } from "../src/reading.js";
import { BODY_BYTES_MAX, groupOf, outgoingOf } from "../src/writing.js";

const SENDER = { clientId: "GID_x@@@1", cleanSession: false };

function outgoing(topicName: string, payload: Uint8Array = Buffer.from("x"), isOrdered = false) {
  return outgoingOf({ topicName, payload, qos: 2 }, SENDER, "me", isOrdered);
}

describe("a message of a client for RocketMQ", () => {
  it("[S8] has its first level as the topic, and the rest as a property", () => {
    expect(outgoing("demo/p2p/B")).toEqual({
      topic: "demo",
      body: Buffer.from("x"),
      tag: "MQTT2MQ",
      group: undefined,
      properties: new Map([
        ["qoslevel", "2"],
        ["cleansessionflag", "false"],
        ["clientId", "GID_x@@@1"],
        ["beelineNode", "me"],
        ["mqttSecondTopic", "/p2p/B"],
      ]),
    });
  });

  it("has no second topic when the first level is all", () => {
    const { topic, properties } = outgoing("demo") as Outgoing;
    expect(topic).toBe("demo");
    expect(properties.has("mqttSecondTopic")).toBe(false);
  });

  it("says that it is empty, and is not, as RocketMQ takes none without a body", () => {
    const { body, properties } = outgoing("demo", new Uint8Array(0)) as Outgoing;
    expect([body.length, properties.get("IS_EMPTY_MSG")]).toEqual([1, "true"]);
  });

  it.each(["demo", "demo/", "demo/a/b", "demo//a", "demo/p2p/B"])(
    "%s is read as itself",
    (name) => {
      const { topic, body, properties } = outgoing(name) as Outgoing;
      const message = { topic, body, properties, messageId: "1", bornMs: 0, attempt: 1 };
      const plan = planOf(message, { group: "another", maxAgeMs: 0, nowMs: 0 });
      const address = plan.kind === "to-client" ? `${plan.parent}/p2p/${plan.clientId}` : "";
      const found = plan.kind === "publish" ? plan.topicName : address;
      expect(found).toBe(name === "demo/" ? "demo" : name);
    },
  );

  it("cannot be one that RocketMQ would never take", () => {
    expect(outgoing("demo", new Uint8Array(BODY_BYTES_MAX))).toBeTypeOf("object");
    expect(outgoing("demo", new Uint8Array(BODY_BYTES_MAX + 1))).toMatch(/4 MiB/);
    expect(outgoing(`demo/${"x".repeat(15_000)}`)).toBeTypeOf("object");
    expect(outgoing(`demo/${"x".repeat(15_360)}`)).toMatch(/too long/);
    expect(outgoing("demo/\u0001")).toMatch(/control/);
  });

  it("belongs to its sender's group on a topic that keeps the order", () => {
    expect(outgoing("demo", Buffer.from("x"), true)).toMatchObject({ group: "GID_x@@@1" });
    expect(groupOf("x".repeat(63))).toBe("x".repeat(63));
    const long = groupOf("x".repeat(64));
    expect(long).toMatch(/^[0-9a-f]{32}$/);
    expect(groupOf("y".repeat(64))).not.toBe(long);
  });
});
