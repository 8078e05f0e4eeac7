import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { bytesOf, Harness, textOf } from "../support/harness.js";

describe("point-to-point to a connected Client", () => {
  for (const qos of [0, 1, 2] as const) {
    it(`[S5] [S6] [P5] reaches at QoS ${qos} a Client that never subscribed, once`, () => {
      const harness = new Harness();
      const receiver = harness.connect({ clientId: "GID_demo@@@A" });
      const sender = harness.connect({ clientId: "B" });
      sender.publish("demo/p2p/GID_demo@@@A", "hello", { qos });
      const [message, ...more] = receiver.acknowledgeAll();
      expect(more).toEqual([]);
      expect(message).toMatchObject({ topicName: "demo/p2p/GID_demo@@@A", qos, dup: false });
      expect(textOf(message?.payload as Uint8Array)).toBe("hello");
    });

    it(`[P15] a Client sends to itself at QoS ${qos}, both directions in flight at once`, () => {
      const harness = new Harness();
      const client = harness.connect({ clientId: "me" });
      client.publish("x/p2p/me", "to myself", { qos, packetId: 1 });
      // Identifier 1 is now in use both ways and stands for two messages.
      const packets = client.packets();
      expect(packets.filter(({ type }) => type === PacketType.PUBLISH)).toMatchObject([
        { qos, packetId: qos === 0 ? 0 : 1 },
      ]);
      expect(packets).toHaveLength(qos === 0 ? 1 : 2);
      if (qos === 1) client.puback(1);
      if (qos === 2) {
        client.pubrec(1);
        client.pubrel(1);
        expect(client.packets().map(({ type }) => type)).toEqual([
          PacketType.PUBREL,
          PacketType.PUBCOMP,
        ]);
        client.pubcomp(1);
      }
      expect(client.isClosed).toBe(false);
      expect(harness.broker.stats.unexpectedAcknowledgements).toBe(0);
    });
  }

  it("[P16] follows its receiver from connection to connection, and knows when it has gone", () => {
    const harness = new Harness();
    const sender = harness.connect({ clientId: "B" });
    const before = harness.connect({ clientId: "A" });
    sender.publish("demo/p2p/A", "one");
    const after = harness.connect({ clientId: "A" });
    sender.publish("demo/p2p/A", "two");
    expect(before.acknowledgeAll().map(({ payload }) => textOf(payload))).toEqual(["one"]);
    expect(after.acknowledgeAll().map(({ payload }) => textOf(payload))).toEqual(["two"]);
    after.disconnect();
    sender.publish("demo/p2p/A", "three");
    expect(harness.broker.stats.drops.unknown).toBe(1);
    const again = harness.connect({ clientId: "A", cleanSession: false });
    sender.publish("demo/p2p/A", "four");
    expect(again.acknowledgeAll().map(({ payload }) => textOf(payload))).toEqual(["four"]);
  });

  it("[S1] [S7] works side by side with publish/subscribe on the same two connections", () => {
    const harness = new Harness();
    const a = harness.connect({ clientId: "A" });
    const b = harness.connect({ clientId: "B" });
    a.subscribe(["news/#", 1]);
    b.subscribe(["news/#", 1]);
    b.publish("news/x", "to all", { qos: 1, packetId: 1 });
    b.publish("demo/p2p/A", "to A", { qos: 1, packetId: 2 });
    a.publish("demo/p2p/B", "to B", { qos: 1, packetId: 1 });
    expect(a.acknowledgeAll().map(({ payload }) => textOf(payload))).toEqual(["to all", "to A"]);
    expect(b.acknowledgeAll().map(({ payload }) => textOf(payload))).toEqual(["to all", "to B"]);
  });

  it("[S2] [S3] [P3] nobody else sees it, whatever they subscribed to", () => {
    const harness = new Harness();
    const receiver = harness.connect({ clientId: "A" });
    const spy = harness.connect({ clientId: "spy" });
    expect(spy.subscribe("#", "+/p2p/+", "demo/p2p/#", "demo/#")).toEqual([0, 0, 0, 0]);
    harness.connect({ clientId: "B" }).publish("demo/p2p/A", "secret");
    expect(spy.packets()).toEqual([]);
    expect(receiver.payloads()).toEqual(["secret"]);
  });

  it("[P4] [G02] [G04] the receiver's own Subscriptions bring no second copy", () => {
    const harness = new Harness();
    const receiver = harness.connect({ clientId: "A" });
    receiver.subscribe("#", "demo/p2p/A", "+/p2p/A", "demo/#");
    harness.connect({ clientId: "B" }).publish("demo/p2p/A", "once");
    expect(receiver.payloads()).toEqual(["once"]);
  });

  it("[S9] registers and stores no Subscription for it", () => {
    const harness = new Harness();
    for (let at = 0; at < 100; at += 1) harness.connect({ clientId: `c${at}` });
    harness.connect({ clientId: "B" }).publish("demo/p2p/c7", "x", { qos: 1 });
    expect(harness.broker.gauges.subscriptions).toBe(0);
    expect(harness.broker.stats.pointToPointSent).toBe(1);
  });

  it("[P6] shows the receiver the full Topic Name unchanged, a trailing slash too", () => {
    const harness = new Harness();
    const receiver = harness.connect({ clientId: "A" });
    const sender = harness.connect({ clientId: "B" });
    sender.publish("demo/p2p/A", "1");
    sender.publish("demo/p2p/A/", "2");
    expect(receiver.publishes().map(({ topicName }) => topicName)).toEqual([
      "demo/p2p/A",
      "demo/p2p/A/",
    ]);
  });

  it("[P5] no Subscription caps the publisher's QoS", () => {
    const harness = new Harness();
    const receiver = harness.connect({ clientId: "A" });
    receiver.subscribe(["demo/p2p/A", 0], ["#", 0]);
    harness.connect({ clientId: "B" }).publish("demo/p2p/A", "x", { qos: 2 });
    expect(receiver.publishes()).toMatchObject([{ qos: 2 }]);
  });

  it("[P13] [G05] RETAIN is cleared on delivery, nothing is kept, and that is counted", () => {
    const harness = new Harness();
    const receiver = harness.connect({ clientId: "A" });
    harness.connect({ clientId: "B" }).publish("demo/p2p/A", "x", { retain: true });
    expect(receiver.publishes()).toMatchObject([{ retain: false }]);
    expect(harness.broker.gauges.retained).toBe(0);
    expect(harness.dropCount("retained-point-to-point")).toBe(1);
    receiver.disconnect();
    const later = harness.connect({ clientId: "A" });
    later.subscribe("demo/p2p/A", "#");
    expect(later.packets()).toEqual([]);
  });

  it("[P1] only under the configured parents; elsewhere the topic is an ordinary one", () => {
    const harness = new Harness({ pointToPoint: { parents: ["demo"] } });
    const receiver = harness.connect({ clientId: "A" });
    const sender = harness.connect({ clientId: "B" });
    sender.subscribe("other/#");
    sender.publish("demo/p2p/A", "direct");
    sender.publish("other/p2p/A", "subscribed");
    expect(receiver.payloads()).toEqual(["direct"]);
    expect(sender.payloads()).toEqual(["subscribed"]);
  });

  it("[P1] switched off, the topic is an ordinary one", () => {
    const harness = new Harness({ pointToPoint: { enabled: false } });
    const receiver = harness.connect({ clientId: "A" });
    const other = harness.connect({ clientId: "B" });
    expect(other.subscribe("demo/p2p/A")).toEqual([0]);
    other.publish("demo/p2p/A", "x", { retain: true });
    expect(receiver.payloads()).toEqual([]);
    expect(other.payloads()).toEqual(["x"]);
    expect(harness.broker.gauges.retained).toBe(1);
  });

  it("[P3] mirrored for auditing when configured: the receiver's copy and the Subscriptions'", () => {
    const harness = new Harness({ pointToPoint: { mirror: true } });
    const receiver = harness.connect({ clientId: "A" });
    const auditor = harness.connect({ clientId: "audit" });
    auditor.subscribe(["+/p2p/+", 1]);
    harness.connect({ clientId: "B" }).publish("demo/p2p/A", "x", { qos: 2 });
    expect(receiver.publishes()).toMatchObject([{ qos: 2 }]);
    expect(auditor.publishes()).toMatchObject([{ qos: 1, topicName: "demo/p2p/A" }]);
  });

  it("[G13] two Clients that echo get no more than what each of them sends", () => {
    const harness = new Harness();
    const a = harness.connect({ clientId: "a" });
    const b = harness.connect({ clientId: "b" });
    a.publish("x/p2p/b", "ball");
    for (let round = 0; round < 10; round += 1) {
      for (const payload of b.payloads()) b.publish("x/p2p/a", payload);
      for (const payload of a.payloads()) a.publish("x/p2p/b", payload);
    }
    expect(harness.broker.stats.messagesReceived).toBe(21);
    expect(harness.broker.stats.messagesSent).toBe(21);
  });
});

describe("a malformed address", () => {
  const malformed = ["demo/p2p/", "demo/p2p//", "demo/p2p/A/B", "demo/p2p/A//"];

  it.each(malformed)(
    "[P2] [G08] %s is acknowledged, dropped and told, never published",
    (topic) => {
      const harness = new Harness();
      const spy = harness.connect({ clientId: "A" });
      spy.subscribe("#", "demo/p2p/#");
      const sender = harness.connect({ clientId: "B" });
      sender.publish(topic, "0");
      sender.publish(topic, "1", { qos: 1, packetId: 1 });
      sender.publish(topic, "2", { qos: 2, packetId: 2, retain: true });
      expect(sender.packets()).toEqual([
        { type: PacketType.PUBACK, packetId: 1 },
        { type: PacketType.PUBREC, packetId: 2 },
      ]);
      expect(spy.packets()).toEqual([]);
      expect(harness.broker.gauges.retained).toBe(0);
      expect(harness.dropCount("malformed-point-to-point")).toBe(3);
      expect(harness.drops[0]).toMatchObject({
        reason: "malformed-point-to-point",
        topicName: topic,
      });
    },
  );

  it.each(malformed)("[P2] the strict profile hangs up on %s", (topic) => {
    const harness = new Harness({ pointToPoint: { malformed: "hang-up" } });
    const sender = harness.connect({ clientId: "B" });
    sender.publish(topic, "x");
    expect(sender.isClosed).toBe(true);
    expect(harness.dropCount("malformed-point-to-point")).toBe(1);
  });

  it("[P2] {parent}/p2p alone is an ordinary topic", () => {
    const harness = new Harness({ pointToPoint: { malformed: "hang-up" } });
    const client = harness.connect({ clientId: "B" });
    client.subscribe("demo/p2p");
    client.publish("demo/p2p", "x");
    expect(client.payloads()).toEqual(["x"]);
  });
});

describe("a Client that cannot be addressed", () => {
  it.each(["a/b", "+", "#", "x+", "/"])(
    "[P17] [G07] %j connects and publishes all the same",
    (id) => {
      const harness = new Harness();
      const odd = harness.connect({ clientId: id });
      const sender = harness.connect({ clientId: "B" });
      odd.subscribe("t");
      sender.publish("t", "ordinary");
      sender.publish("x/p2p/a/b", "not for it", { qos: 1 });
      expect(odd.payloads()).toEqual(["ordinary"]);
    },
  );

  it("[G07] {parent}/p2p/a/b is not client a", () => {
    const harness = new Harness();
    const a = harness.connect({ clientId: "a" });
    harness.connect({ clientId: "a/b" });
    harness.connect({ clientId: "B" }).publish("x/p2p/a/b", "x");
    expect(a.packets()).toEqual([]);
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

  it("[M6] the highest may come first or last, and is still capped by the publisher's", () => {
    const harness = new Harness();
    const receiver = harness.connect({ clientId: "A" });
    receiver.subscribe(["a/b", 2], ["a/+", 0]);
    receiver.subscribe(["+/b", 1]);
    harness.connect({ clientId: "B" }).publish("a/b", "x", { qos: 1 });
    expect(receiver.publishes()).toMatchObject([{ qos: 1 }]);
  });

  it("[D15] a filter subscribed again at another QoS takes effect for the next message", () => {
    const harness = new Harness();
    const receiver = harness.connect({ clientId: "A" });
    const sender = harness.connect({ clientId: "B" });
    const seen: number[] = [];
    for (const qos of [0, 2, 1, 0] as const) {
      receiver.subscribe(["t", qos]);
      sender.publish("t", "x", { qos: 2, packetId: qos + 1 });
      sender.pubrel(qos + 1);
      for (const publish of receiver.acknowledgeAll()) seen.push(publish.qos);
    }
    expect(seen).toEqual([0, 2, 1, 0]);
  });

  it("[MQTT-4.7.2-1] [H10] a filter that begins with a wildcard sees no $ topic", () => {
    const harness = new Harness({ dollarTopics: ["$shown/"] });
    const receiver = harness.connect({ clientId: "A" });
    receiver.subscribe("#", "+/x");
    const sender = harness.connect({ clientId: "B" });
    sender.publish("$shown/x", "1");
    expect(receiver.packets()).toEqual([]);
    receiver.subscribe("$shown/#");
    sender.publish("$shown/x", "2");
    expect(receiver.payloads()).toEqual(["2"]);
  });

  it("finds new Subscriptions on a topic it has routed before, and forgets ended ones", () => {
    const harness = new Harness();
    const sender = harness.connect({ clientId: "B" });
    const a = harness.connect({ clientId: "a" });
    sender.publish("t", "1");
    a.subscribe("t");
    sender.publish("t", "2");
    const b = harness.connect({ clientId: "b" });
    b.subscribe("t");
    sender.publish("t", "3");
    a.disconnect();
    sender.publish("t", "4");
    expect(a.payloads()).toEqual(["2", "3"]);
    expect(b.payloads()).toEqual(["3", "4"]);
  });

  it("[I09] one large message to many receivers is sent by reference", () => {
    const harness = new Harness();
    const receivers = Array.from({ length: 20 }, (_, at) => {
      const receiver = harness.connect({ clientId: `r${at}` });
      receiver.subscribe("t");
      return receiver;
    });
    const payload = new Uint8Array(100_000).fill(7);
    harness.connect({ clientId: "B" }).publish("t", payload);
    for (const receiver of receivers) {
      const [message] = receiver.publishes();
      expect(Buffer.compare(message?.payload as Uint8Array, payload)).toBe(0);
    }
  });
});

describe("sendToClient", () => {
  const message = { parent: "demo", payload: bytesOf("x") } as const;

  it("[P6] [P12] may show the receiver another Topic Name", () => {
    const harness = new Harness();
    const receiver = harness.connect({ clientId: "A" });
    const own = { ...message, topicName: "real/topic" };
    harness.broker.sendToClient("A", { ...own, qos: 0 }, harness.nowMs);
    harness.broker.sendToClient("A", { ...own, qos: 1 }, harness.nowMs);
    harness.broker.sendToClient("A", { ...own, qos: 0, payload: new Uint8Array(9_000) }, 1_000);
    harness.broker.flush();
    expect(receiver.publishes().map(({ topicName }) => topicName)).toEqual([
      "real/topic",
      "real/topic",
      "real/topic",
    ]);
  });
});
