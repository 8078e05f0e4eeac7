import { describe, expect, it } from "vitest";
import { type MessageChange, PacketType } from "../../src/engine.js";
import { bytesOf, Harness } from "../support/harness.js";

const changing = (change: MessageChange): Harness =>
  new Harness({ policy: { onMessage: () => change } });

describe("what onMessage changes", () => {
  it.each<[string, MessageChange, object]>([
    ["nothing", {}, { topicName: "t", payload: bytesOf("x"), qos: 1, retain: false }],
    ["the topic", { topicName: "u" }, { topicName: "u", payload: bytesOf("x") }],
    ["the payload", { payload: bytesOf("other") }, { topicName: "t", payload: bytesOf("other") }],
    ["an empty payload", { payload: new Uint8Array(0) }, { payload: new Uint8Array(0) }],
    ["the QoS, up", { qos: 2 }, { qos: 2 }],
    ["the QoS, down", { qos: 0 }, { qos: 0, packetId: 0 }],
  ])("%s: receivers get that, the publisher the answer to its own QoS", (_, change, expected) => {
    const harness = changing(change);
    const receiver = harness.connect({ clientId: "R" });
    receiver.subscribe(["#", 2]);
    const sender = harness.connect({ clientId: "S" });
    sender.publish("t", "x", { qos: 1, packetId: 5 });
    expect(receiver.publishes()).toMatchObject([expected]);
    expect(sender.packets()).toEqual([{ type: PacketType.PUBACK, packetId: 5 }]);
  });

  it("RETAIN, on and off: the message as changed is kept", () => {
    const harness = changing({ retain: true, payload: bytesOf("kept") });
    harness.connect({ clientId: "S" }).publish("t", "x");
    const later = harness.connect({ clientId: "L" });
    later.subscribe("t");
    expect(later.payloads()).toEqual(["kept"]);
    const off = changing({ retain: false });
    off.connect({ clientId: "S" }).publish("t", "x", { retain: true });
    expect(off.broker.gauges.retained).toBe(0);
  });

  it("an ordinary topic into one Client's address, and back", () => {
    const harness = changing({ topicName: "x/p2p/R" });
    const receiver = harness.connect({ clientId: "R" });
    const spy = harness.connect({ clientId: "spy" });
    spy.subscribe("#");
    harness.connect({ clientId: "S" }).publish("t", "x", { qos: 1 });
    expect(receiver.publishes()).toMatchObject([{ topicName: "x/p2p/R", qos: 1 }]);
    expect(spy.packets()).toEqual([]);
  });

  it("[M31] what comes back to the publisher itself stays behind its PUBACK", () => {
    const harness = changing({ topicName: "u" });
    const client = harness.connect({ clientId: "A" });
    client.subscribe(["u", 1]);
    client.publish("t", "x", { qos: 1, packetId: 9 });
    expect(client.packets().map(({ type }) => type)).toEqual([
      PacketType.PUBACK,
      PacketType.PUBLISH,
    ]);
  });

  it("large payloads too, for several receivers", () => {
    const payload = new Uint8Array(70_000).fill(7);
    const harness = changing({ payload });
    const receivers = ["1", "2"].map((clientId) => harness.connect({ clientId }));
    for (const receiver of receivers) receiver.subscribe(["t", 1]);
    harness.connect({ clientId: "S" }).publish("t", "small", { qos: 1 });
    for (const receiver of receivers) expect(receiver.publishes()[0]?.payload).toEqual(payload);
  });

  it("is shown plain values that nobody can change", () => {
    const shown: unknown[] = [];
    const harness = new Harness({
      policy: { onMessage: (message, from) => void shown.push(Object.isFrozen(message), from) },
    });
    harness.connect({ clientId: "S" }).publish("t", "x");
    expect(shown).toMatchObject([true, { clientId: "S" }]);
  });
});
