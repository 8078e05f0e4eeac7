import { describe, expect, it } from "vitest";
import { DELIVERY_BYTES } from "../../src/session/message-bytes.js";
import type { KeyedStore } from "../../src/store/keyed-store.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { Attack } from "../support/attack.js";
import { connectPacket, Harness, textOf } from "../support/harness.js";

/** The world says that so much memory is in use. */
function use(harness: Harness, percent: number): void {
  harness.broker.tick(harness.nowMs, percent);
  harness.broker.flush();
}

describe("limits.memoryPercentMax", () => {
  it("[I12] [T7] at the limit a new Session is CONNACK 3, below it is accepted, and who is here stays", () => {
    const attack = new Attack();
    const { harness } = attack;
    harness.connect({ clientId: "kept", cleanSession: false }).cut();
    use(harness, 84);
    harness.connect({ clientId: "early" });
    use(harness, 85);
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "late" }));
    expect(peer.packets()).toMatchObject([{ returnCode: 3 }]);
    expect(peer.isClosed).toBe(true);
    expect(harness.broker.stats.refusals.get("memory-full")).toBe(1);
    expect(harness.connect({ clientId: "kept", cleanSession: false }).sessionPresent).toBe(true);
    attack.expectUnharmed();
    use(harness, 20);
    harness.connect({ clientId: "late" });
  });

  it("[I12] [T7] a new Subscription gets 0x80, one that is there is granted anew", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe("a");
    use(harness, 90);
    expect(client.subscribe("a", "b", "+/c")).toEqual([0, 0x80, 0x80]);
    expect(harness.broker.stats.denials.get("memory-full")).toBe(2);
    client.unsubscribe("a");
    use(harness, 50);
    expect(client.subscribe("b")).toEqual([0]);
  });

  it("[I12] a retained message is delivered and not kept, nor is the old one served", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe("#");
    client.publish("t", "old", { retain: true });
    use(harness, 90);
    client.publish("t", "new and longer", { retain: true });
    expect(client.payloads()).toEqual(["old", "new and longer"]);
    expect(harness.broker.gauges.retained).toBe(0);
    expect(harness.dropCount("memory-full")).toBe(1);
  });

  it("[I12] long queues in memory do not grow, short ones do; half-way to the end none does", () => {
    const harness = new Harness();
    for (const clientId of ["much", "little"]) {
      const client = harness.connect({ clientId, cleanSession: false });
      client.subscribe([clientId, 1]);
      client.cut();
    }
    const publisher = harness.connect({ clientId: "publisher" });
    const send = (topicName: string) => publisher.publish(topicName, "x", { qos: 1, packetId: 1 });
    for (let at = 0; at < 100; at += 1) send("much");
    use(harness, 85);
    send("much");
    send("little");
    expect(harness.drops).toMatchObject([{ reason: "memory-full", receiverId: "much" }]);
    use(harness, 93);
    send("little");
    expect(harness.drops.slice(1)).toMatchObject([{ reason: "memory-full", receiverId: "little" }]);
    expect(publisher.packets()).toHaveLength(103); // each is acknowledged all the same
    use(harness, 10);
    send("little");
    const little = harness.connect({ clientId: "little", cleanSession: false });
    expect(little.acknowledgeAll()).toHaveLength(2);
  });

  it("[I12] a point-to-point message for somebody unknown is not kept", () => {
    const harness = new Harness({ pointToPoint: { mayStoreFor: () => true } });
    const client = harness.connect();
    use(harness, 90);
    client.publish("x/p2p/nobody", "x", { qos: 1, packetId: 1 });
    expect(client.packets()).toHaveLength(1);
    expect(harness.broker.gauges.inboxes).toBe(0);
    expect(harness.dropCount("memory-full")).toBe(1);
  });
});

describe("limits.queueTotalBytesMax", () => {
  /** Two Clients that are away, and one that sends them a kilobyte at QoS 1. */
  function away(queueTotalBytesMax: number, store?: KeyedStore) {
    const harness = new Harness({
      limits: { queueTotalBytesMax },
      ...(store !== undefined && { store }),
    });
    for (const clientId of ["a", "b"]) {
      const client = harness.connect({ clientId, cleanSession: false });
      client.subscribe([clientId, 1]);
      client.cut();
    }
    const publisher = harness.connect({ clientId: "publisher" });
    const payload = new Uint8Array(999); // and one byte of topic
    const send = (topicName: string) =>
      publisher.publish(topicName, payload, { qos: 1, packetId: 1 });
    return { harness, publisher, send };
  }
  const EACH = 1_000 + DELIVERY_BYTES;

  it("[T7] at the limit of all queues in memory together nothing waits any more, one before it does", () => {
    const { harness, publisher, send } = away(2 * EACH);
    send("a");
    send("b");
    expect(harness.broker.stats.waitingBytes).toBe(2 * EACH);
    expect(harness.drops).toEqual([]);
    send("a");
    send("b");
    expect(harness.drops).toMatchObject([
      { reason: "queues-full", receiverId: "a" },
      { reason: "queues-full", receiverId: "b" },
    ]);
    expect(publisher.packets()).toHaveLength(4); // each is acknowledged all the same
    const back = harness.connect({ clientId: "a", cleanSession: false });
    expect(back.acknowledgeAll()).toHaveLength(1);
    expect(harness.broker.stats.waitingBytes).toBe(EACH);
    send("b");
    expect(harness.drops).toHaveLength(2);
  });

  it("[T7] near it those with much get no more, others do; a reload of the limit holds at once", () => {
    const { harness, send } = away(200 * EACH);
    for (let at = 0; at < 150; at += 1) send("a");
    expect(harness.drops).toEqual([]);
    send("a");
    send("b");
    expect(harness.drops).toMatchObject([{ reason: "queues-full", receiverId: "a" }]);
    harness.broker.changeLimits({ queueTotalBytesMax: 151 * EACH });
    send("b");
    expect(harness.drops.slice(1)).toMatchObject([{ reason: "queues-full", receiverId: "b" }]);
    harness.broker.changeLimits({ queueTotalBytesMax: 1_000 * EACH });
    send("a");
    expect(harness.drops).toHaveLength(2);
  });

  it("[T7] what a Client takes and never acknowledges counts, and has the same end", () => {
    const harness = new Harness({ limits: { queueTotalBytesMax: 1_000_000, inFlightMax: 1_000 } });
    const taker = harness.connect({ clientId: "taker" });
    taker.subscribe(["t", 1]);
    const publisher = harness.connect({ clientId: "publisher" });
    for (let at = 0; at < 100; at += 1) {
      publisher.publish("t", new Uint8Array(50_000), { qos: 1, packetId: 1 });
      taker.publishes();
    }
    expect(harness.broker.stats.waitingBytes).toBeLessThan(1_000_000);
    expect(harness.dropCount("queues-full")).toBeGreaterThan(80);
    const other = harness.connect({ clientId: "other" });
    other.subscribe(["o", 1]);
    publisher.publish("o", "x", { qos: 1, packetId: 1 });
    expect(other.payloads()).toEqual(["x"]); // it holds nothing itself
    taker.cut();
    other.puback(1);
    expect(harness.broker.stats.waitingBytes).toBe(0);
  });

  it("[T7] a point-to-point message for somebody unknown is not kept in memory", () => {
    const harness = new Harness({
      limits: { queueTotalBytesMax: 0 },
      pointToPoint: { mayStoreFor: () => true },
    });
    const client = harness.connect();
    client.publish("x/p2p/nobody", "x", { qos: 1, packetId: 1 });
    expect(client.packets()).toHaveLength(1);
    expect(harness.dropCount("queues-full")).toBe(1);
  });

  it("[T7] what has a place on disk waits there, in order, and nothing of it is lost", () => {
    const { harness, send } = away(0, memoryStore());
    for (let at = 0; at < 10; at += 1) send("a");
    expect(harness.broker.stats.waitingBytes).toBe(0); // nobody is there
    const client = harness.connect({ clientId: "a", cleanSession: false });
    const publisher = harness.connect({ clientId: "late" });
    for (let at = 0; at < 300; at += 1) {
      publisher.publish("a", `${at}`.padEnd(1_000), { qos: 1, packetId: 1 });
    }
    const got: string[] = [];
    for (let some = client.acknowledgeAll(); some.length > 0; some = client.acknowledgeAll()) {
      got.push(...some.map(({ payload }) => textOf(payload).trim()));
    }
    expect(got.slice(10)).toEqual(Array.from({ length: 300 }, (_, at) => `${at}`));
    expect(harness.drops).toEqual([]);
    expect(harness.broker.stats.waitingBytes).toBe(0);
  });
});

describe("a message for many offline Clients, in memory", () => {
  it("[T5] is kept once, whoever waits for it", () => {
    const harness = new Harness();
    const sessions = Array.from({ length: 20 }, (_, at) => {
      const client = harness.connect({ clientId: `c${at}`, cleanSession: false });
      client.subscribe(["t", 1]);
      const { session } = client.connection;
      client.cut();
      return session;
    });
    const payload = new Uint8Array(100_000);
    harness.connect({ clientId: "p" }).publish("t", payload, { qos: 1, packetId: 1 });
    const messages = sessions.map((session) => session?.outbound.drain()[0]?.message);
    expect(messages[0]?.block).toHaveLength(100_000);
    expect(new Set(messages).size).toBe(1);
  });
});
