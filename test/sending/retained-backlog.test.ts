import { describe, expect, it } from "vitest";
import type { QoS } from "../../src/engine.js";
import { Harness, type Peer, subscribePacket } from "../support/harness.js";

/** A broker with `count` retained messages below `r/`. */
function retaining(
  count: number,
  options: { bytes?: number; qos?: QoS; workPerTurnMax?: number } = {},
): Harness {
  const { workPerTurnMax } = options;
  const harness = new Harness(workPerTurnMax === undefined ? {} : { limits: { workPerTurnMax } });
  const sender = harness.connect({ clientId: "sender" });
  const payload = new Uint8Array(options.bytes ?? 1).fill(0x78);
  for (let at = 0; at < count; at += 1) {
    sender.publish(`r/${at}`, payload, { retain: true, qos: options.qos ?? 0, packetId: 1 });
    if (options.qos === 2) sender.pubrel(1);
  }
  sender.disconnect();
  return harness;
}

function topicsOf(client: Peer): string[] {
  return client.publishes().map(({ topicName }) => topicName);
}

describe("retained messages for a new Subscription", () => {
  it("[MQTT-3.3.1-6] [MQTT-3.3.1-8] the last of each matching topic, with RETAIN", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.publish("a/1", "old", { retain: true });
    client.publish("a/1", "new", { retain: true });
    client.publish("a/2", "other", { retain: true });
    client.publish("b", "elsewhere", { retain: true });
    client.publish("a/3", "not kept");
    client.subscribe("a/#");
    const found = client.publishes();
    expect(found.map(({ topicName }) => topicName).sort()).toEqual(["a/1", "a/2"]);
    expect(found.every(({ retain, dup }) => retain && !dup)).toBe(true);
  });

  it("[MQTT-3.8.4-6] at the lower of their own QoS and the granted one", () => {
    const harness = new Harness();
    const client = harness.connect();
    for (const qos of [0, 1, 2] as const) {
      client.publish(`q/${qos}`, "x", { retain: true, qos, packetId: qos + 1 });
    }
    for (const granted of [0, 1, 2] as const) {
      client.packets();
      client.subscribe(["q/+", granted]);
      const found = client.acknowledgeAll().map(({ topicName, qos }) => `${topicName} ${qos}`);
      expect(found.sort()).toEqual([
        "q/0 0",
        `q/1 ${Math.min(1, granted)}`,
        `q/2 ${Math.min(2, granted)}`,
      ]);
    }
  });

  it("[M5] [MQTT-3.8.4-3] again on each SUBSCRIBE, once for each overlapping filter at its own QoS", () => {
    const harness = retaining(1, { qos: 2 });
    const client = harness.connect();
    client.subscribe(["r/0", 0], ["r/+", 2], ["#", 1]);
    expect(client.acknowledgeAll().map(({ qos }) => qos)).toEqual([0, 2, 1]);
    client.subscribe(["r/0", 0]);
    expect(client.acknowledgeAll()).toHaveLength(1);
  });

  it("[M5] never on resume", () => {
    const harness = retaining(3);
    const client = harness.connect({ cleanSession: false });
    client.subscribe("r/#");
    expect(client.publishes()).toHaveLength(3);
    client.cut();
    const again = harness.connect({ cleanSession: false });
    harness.advance(1_000);
    expect(again.packets()).toEqual([]);
  });

  it("not for a request that was refused", () => {
    const harness = retaining(2);
    const client = harness.connect();
    expect(client.subscribe("$share//r/0")).toEqual([0x80]);
    expect(client.packets()).toEqual([]);
  });

  it("[D18] [M5] are served in slices, the SUBACK first, others are not kept waiting", () => {
    const harness = retaining(5_000);
    const client = harness.connect();
    client.subscribe("#");
    const first = client.publishes().length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(2_000);
    expect(harness.broker.needsWork).toBe(true);
    const other = harness.connect({ clientId: "other" });
    other.publish("x/p2p/client", "live");
    const second = client.publishes();
    expect(second.map(({ topicName }) => topicName)).toEqual(["x/p2p/client"]);
    let total = first;
    while (harness.broker.needsWork) {
      harness.broker.work(harness.nowMs);
      harness.broker.flush();
      total += client.publishes().length;
    }
    expect(total).toBe(5_000);
    expect(client.connection.retainedBacklog).toBeUndefined();
  });

  it("[T9] limits.workPerTurnMax: many who subscribe to everything have it in turn, a slice each", () => {
    const harness = retaining(1_000, { workPerTurnMax: 200 });
    const clients = ["a", "b", "c"].map((clientId) => harness.connect({ clientId }));
    for (const client of clients) client.send(subscribePacket(["#", 0]));
    for (const client of clients) client.publishes();
    const rounds: number[][] = [];
    while (harness.broker.needsWork) {
      harness.broker.work(harness.nowMs);
      harness.broker.flush();
      rounds.push(clients.map((client) => client.publishes().length));
    }
    for (const counts of rounds) {
      expect(counts.filter((count) => count > 0).length).toBeLessThanOrEqual(1);
      expect(Math.max(...counts)).toBeLessThanOrEqual(200);
    }
    expect(rounds.length).toBeGreaterThan(15);
    expect(harness.broker.stats.messagesSent).toBe(3_000);
  });

  it("[D18] more than fits before a flush is sent to a peer that takes all at once", () => {
    const harness = retaining(600, { bytes: 1_000 });
    const client = harness.connect();
    client.subscribe("#");
    harness.advance(1_000);
    expect(client.publishes()).toHaveLength(600);
    expect(harness.broker.needsWork).toBe(false);
  });

  it("[D18] [M24] wait for a peer that takes nothing, and go on when it does", () => {
    const harness = retaining(2_000, { bytes: 1_000 });
    const client = harness.connect();
    client.link.frozen = true;
    client.send(subscribePacket(["#", 0]));
    harness.advance(2_000);
    expect(client.link.unsentBytes + client.connection.outbox.byteCount).toBeLessThan(400_000);
    expect(harness.broker.needsWork).toBe(false);
    const found: string[] = [];
    for (let turn = 0; turn < 50; turn += 1) {
      client.take();
      harness.advance(250);
      found.push(...topicsOf(client));
    }
    expect(new Set(found).size).toBe(2_000);
    expect(found).toHaveLength(2_000);
  });

  it("[D18] [M16] at QoS 1 fill half of the queue, and go on as they are acknowledged", () => {
    const harness = retaining(3_000, { qos: 1 });
    const client = harness.connect();
    client.subscribe(["#", 1]);
    harness.advance(1_000);
    const outbound = client.connection.session?.outbound;
    expect(outbound?.inFlightCount).toBe(32);
    expect(outbound?.queuedCount).toBeLessThan(600);
    expect(client.acknowledgeAll()).toHaveLength(3_000);
    expect(harness.drops).toEqual([]);
  });

  it("go out behind what is queued, so that nothing older comes later", () => {
    const harness = new Harness({ limits: { inFlightMax: 1 } });
    const client = harness.connect();
    const sender = harness.connect({ clientId: "B" });
    client.subscribe(["t", 1]);
    sender.publish("t", "1", { qos: 1, packetId: 1 });
    sender.publish("t", "2", { qos: 1, packetId: 2 });
    sender.publish("t", "3", { qos: 0, retain: true });
    client.subscribe(["t", 0]);
    sender.publish("t", "4", { qos: 1, packetId: 3 });
    const texts = client.acknowledgeAll().map(({ payload, retain }) => [...payload, retain]);
    expect(texts).toEqual([
      [0x31, false],
      [0x32, false],
      [0x33, false],
      [0x33, true],
      [0x34, false],
    ]);
  });

  it("[MQTT-3.10.4-2] none of what is still owed is sent after UNSUBSCRIBE", () => {
    const harness = retaining(5_000);
    const client = harness.connect();
    client.subscribe("r/#", "r/1");
    client.unsubscribe("r/#");
    client.packets();
    harness.advance(5_000);
    expect(topicsOf(client)).toEqual(["r/1"]);
  });

  it("[D14] subscribing again to what is still owed starts over instead of growing", () => {
    const harness = retaining(2_000, { qos: 1 });
    const client = harness.connect();
    for (let at = 0; at < 100; at += 1) client.send(subscribePacket("r/#"));
    expect(client.connection.retainedBacklog?.size).toBe(1);
    const counts = new Map<string, number>();
    for (const { topicName } of client.acknowledgeAll()) {
      counts.set(topicName, (counts.get(topicName) ?? 0) + 1);
    }
    expect(counts.size).toBe(2_000);
  });

  it("a topic that is deleted while it is owed is not sent", () => {
    const harness = retaining(3_000);
    const client = harness.connect();
    client.subscribe("#");
    const sent = topicsOf(client).length;
    const sender = harness.connect({ clientId: "sender" });
    for (let at = 0; at < 3_000; at += 1) sender.publish(`r/${at}`, "", { retain: true });
    client.packets();
    harness.advance(2_000);
    expect(client.packets()).toEqual([]);
    expect(sent).toBeLessThan(3_000);
    expect(harness.broker.stats.retainedBytes).toBe(0);
  });

  it("are forgotten when the connection ends", () => {
    const harness = retaining(5_000);
    const client = harness.connect();
    client.subscribe("#");
    client.cut();
    expect(harness.broker.needsWork).toBe(false);
    harness.advance(1_000);
    expect(client.connection.retainedBacklog).toBeUndefined();
  });
});
