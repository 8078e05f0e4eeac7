import { describe, expect, it } from "vitest";
import { encode, PacketType } from "../../src/engine.js";
import { Attack } from "../support/attack.js";
import { Harness, publishPacket, subscribePacket } from "../support/harness.js";
import { wire } from "../support/wire.js";

describe("SUBSCRIBE", () => {
  it("[M5] [MQTT-3.8.4-1] [MQTT-3.8.4-2] is answered by SUBACK first, under its own identifier", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.publish("t", "kept", { retain: true });
    client.send({ ...subscribePacket("t"), packetId: 4711 });
    expect(client.packets()).toMatchObject([
      { type: PacketType.SUBACK, packetId: 4711, returnCodes: [1] },
      { type: PacketType.PUBLISH, retain: true },
    ]);
  });

  it("[M7] [MQTT-3.8.4-4] [MQTT-3.8.4-5] [MQTT-3.9.3-1] has one code for each request, repeats included", () => {
    const harness = new Harness({
      policy: { maySubscribe: (_from, topicFilter) => topicFilter !== "no" },
    });
    const client = harness.connect();
    expect(client.subscribe(["a", 2], ["no", 1], ["b", 0], ["a", 1], ["no", 0])).toEqual([
      2, 0x80, 0, 1, 0x80,
    ]);
    client.publish("a", "x", { qos: 2 });
    expect(client.publishes()).toMatchObject([{ qos: 1 }]);
    expect(harness.broker.gauges.subscriptions).toBe(2);
  });

  it("[M7] [D08] [MQTT-3.8.3-4] a bad request among good ones: hang up, keep none", () => {
    const attack = new Attack();
    const attacker = attack.connect();
    attacker.send(wire`82 0e 0001 0001 61 00 0001 62 01 0001 2b2b 00`);
    attack.expectRefused(attacker);
  });

  it.each([
    ["[D02] identifier 0", "zero-packet-id", wire`82 06 0000 0001 61 00`],
    ["[D03] [MQTT-3.8.3-3] no filter", "no-topic-filter", wire`82 02 0001`],
    ["[D04] a filter without its QoS", "truncated", wire`82 05 0001 0001 61`],
    ["[D05] QoS 3", "reserved-subscribe-options", wire`82 06 0001 0001 61 03`],
    ["[D05] QoS 4", "reserved-subscribe-options", wire`82 06 0001 0001 61 04`],
    ["[D05] QoS 0x80", "reserved-subscribe-options", wire`82 06 0001 0001 61 80`],
    ["[D05] QoS 0xFF", "reserved-subscribe-options", wire`82 06 0001 0001 61 ff`],
    ["[D06] [MQTT-4.7.3-1] an empty filter", "empty-topic-filter", wire`82 05 0001 0000 00`],
    ["[D06] [MQTT-4.7.3-2] NUL in a filter", "null-character", wire`82 08 0001 0003 610062 00`],
    ["[D06] ill-formed UTF-8", "ill-formed-utf8", wire`82 06 0001 0001 ff 00`],
    ["[D07] a+", "misplaced-single-level-wildcard", wire`82 07 0001 0002 ${"a+"} 00`],
    ["[D07] +a", "misplaced-single-level-wildcard", wire`82 07 0001 0002 ${"+a"} 00`],
    ["[D07] a#", "misplaced-multi-level-wildcard", wire`82 07 0001 0002 ${"a#"} 00`],
    ["[D07] #/a", "misplaced-multi-level-wildcard", wire`82 08 0001 0003 ${"#/a"} 00`],
    ["[D07] a/#/b", "misplaced-multi-level-wildcard", wire`82 0a 0001 0005 ${"a/#/b"} 00`],
    ["[D07] ##", "misplaced-multi-level-wildcard", wire`82 07 0001 0002 ${"##"} 00`],
    ["[D07] a/b+", "misplaced-single-level-wildcard", wire`82 09 0001 0004 ${"a/b+"} 00`],
  ] as const)("%s: hangs up", (_, code, bytes) => {
    const attack = new Attack();
    const attacker = attack.connect();
    attacker.send(bytes);
    attack.expectRefused(attacker, code);
  });

  it("[D04] a filter without its QoS hangs up at every length around a power of two", () => {
    for (const around of [64, 128, 256, 1_024, 2_048, 8_192, 65_535]) {
      for (const length of [around - 1, around]) {
        const remaining = length + 4;
        const bytes = new Uint8Array(4 + remaining).fill(0x61);
        const size = [(remaining & 0x7f) | 0x80, ((remaining >> 7) & 0x7f) | 0x80, remaining >> 14];
        bytes.set([0x82, ...size, 0, 1, length >> 8, length & 0xff]);
        const attack = new Attack();
        const attacker = attack.connect();
        attacker.send(bytes);
        attack.expectRefused(attacker, "truncated");
      }
    }
  });

  it("[M22] [D10] [E05] at the bound of levels a topic is fine, one past it hangs up", () => {
    const levels = (count: number): string => new Array(count).fill("x").join("/");
    const harness = new Harness({ limits: { topicLevelsMax: 10 } });
    const client = harness.connect();
    expect(client.subscribe(levels(10), `${levels(9)}/#`)).toEqual([0, 0]);
    client.publish(levels(10), "x");
    expect(client.payloads()).toEqual(["x"]);
    for (const packet of [
      subscribePacket(levels(11)),
      publishPacket(levels(11)),
      { type: PacketType.UNSUBSCRIBE, packetId: 1, topicFilters: [levels(11)] } as const,
    ]) {
      const attack = new Attack({ limits: { topicLevelsMax: 10 } });
      const attacker = attack.connect();
      attacker.send(packet);
      attack.expectRefused(attacker, "too-many-topic-levels");
    }
  });

  it("[D10] [M22] thirty thousand slashes, 128 levels by default: no recursion, a close", () => {
    const attack = new Attack();
    const attacker = attack.connect();
    expect(attacker.subscribe("/".repeat(127))).toEqual([0]);
    attacker.send(encode(subscribePacket("/".repeat(32_768))));
    attack.expectRefused(attacker, "too-many-topic-levels");
  });

  it.each(["$share/ab", "$share//t", "$share/g/", "$share/+/t", "$share/#", "$share/g/$share/h/t"])(
    "[D09] [M30] malformed %s is refused by 0x80, the rest granted; a PUBLISH to $share is harmless",
    (topicFilter) => {
      const harness = new Harness();
      const client = harness.connect();
      expect(client.subscribe("a", topicFilter, "$share/g/t")).toEqual([0, 0x80, 0]);
      client.unsubscribe("a", topicFilter, "$share/g/t");
      client.publish("$share/ab", "x", { qos: 1 });
      expect(client.packets()).toMatchObject([{ type: PacketType.PUBACK }]);
      expect(harness.dropCount("dollar-topic")).toBe(1);
      expect(harness.broker.gauges.subscriptions).toBe(0);
    },
  );

  it("[D09] [M30] every share is refused by 0x80 while they are switched off", () => {
    const harness = new Harness({ sharedSubscriptions: false });
    const client = harness.connect();
    expect(client.subscribe("a", "$share/g/t", "$share/ab", "$share")).toEqual([0, 0x80, 0x80, 0]);
    expect(harness.broker.gauges.subscriptions).toBe(2);
  });

  it.each([
    ["$share/g+/t", "misplaced-single-level-wildcard", wire`82 10 0001 000b ${"$share/g+/t"} 00`],
    ["$share/#/t", "misplaced-multi-level-wildcard", wire`82 0f 0001 000a ${"$share/#/t"} 00`],
  ] as const)("[D07] [M7] %s is no Topic Filter at all: hangs up", (_, code, bytes) => {
    const attack = new Attack();
    const attacker = attack.connect();
    attacker.send(bytes);
    attack.expectRefused(attacker, code);
  });

  it("[D11] ten thousand filters, or one ten thousand times, get as many codes", () => {
    const harness = new Harness();
    const client = harness.connect();
    const many = Array.from({ length: 10_000 }, (_, at) => `f/${at}`);
    expect(client.subscribe(...many)).toHaveLength(10_000);
    expect(harness.broker.gauges.subscriptions).toBe(10_000);
    client.publish("same", "kept", { retain: true });
    expect(client.subscribe(...new Array<string>(10_000).fill("same"))).toHaveLength(10_000);
    expect(client.publishes()).toHaveLength(1);
    client.disconnect();
    harness.work();
    expect(harness.broker.gauges.subscriptions).toBe(0);
  });

  it("[D11] [D12] at the bound of a Session a new filter is granted, one past it 0x80", () => {
    const harness = new Harness({ limits: { subscriptionsPerSessionMax: 3 } });
    const client = harness.connect();
    expect(client.subscribe("a", "b", "c", "d")).toEqual([0, 0, 0, 0x80]);
    expect(client.subscribe(["a", 2])).toEqual([2]); // not a new one
    client.unsubscribe("b");
    expect(client.subscribe("d")).toEqual([0]);
  });

  it("[D12] the same for all Sessions together, until somebody leaves", () => {
    const harness = new Harness({ limits: { subscriptionsMax: 3 } });
    const first = harness.connect({ clientId: "1" });
    const second = harness.connect({ clientId: "2" });
    expect(first.subscribe("a", "b")).toEqual([0, 0]);
    expect(second.subscribe("a", "b")).toEqual([0, 0x80]);
    first.disconnect();
    expect(second.subscribe("b")).toEqual([0]);
  });

  it("[M8] a Client may subscribe to $ topics; it is told nothing the owner does not publish", () => {
    const harness = new Harness();
    const client = harness.connect();
    expect(client.subscribe("$SYS/#")).toEqual([0]);
    client.publish("$SYS/x", "forged");
    const payload = new TextEncoder().encode("genuine");
    harness.broker.publish({ topicName: "$SYS/x", payload, qos: 0, retain: false }, harness.nowMs);
    harness.broker.flush();
    expect(client.payloads()).toEqual(["genuine"]);
  });

  it("[M21] a forbidden one: 0x80, and asked about exactly as the Client wrote it", () => {
    const asked: unknown[] = [];
    const harness = new Harness({
      policy: {
        maySubscribe: (from, topicFilter, qos) => {
          asked.push([from.clientId, topicFilter, qos]);
          return false;
        },
      },
    });
    const client = harness.connect({ clientId: "A" });
    expect(client.subscribe(["a/+/#", 2])).toEqual([0x80]);
    expect(asked).toEqual([["A", "a/+/#", 2]]);
    client.publish("a/b/c");
    expect(client.packets()).toEqual([]);
  });

  it("tells of each grant, not of refusals", () => {
    const told: unknown[] = [];
    const harness = new Harness({
      events: {
        onSubscribe: (client, topicFilter, qos) => told.push([client.clientId, topicFilter, qos]),
        onUnsubscribe: (client, topicFilter) => told.push([client.clientId, topicFilter]),
      },
    });
    const client = harness.connect({ clientId: "A" });
    client.subscribe(["a", 1], ["$share/x", 0], ["x/p2p/A", 2]);
    client.unsubscribe("a", "never", "x/p2p/A");
    expect(told).toEqual([
      ["A", "a", 1],
      ["A", "x/p2p/A", 2],
      ["A", "a"],
      ["A", "x/p2p/A"],
    ]);
  });
});

describe("SUBSCRIBE to a point-to-point filter", () => {
  it("[P4] [G03] somebody else's inbox named exactly: 0x80", () => {
    const harness = new Harness();
    harness.connect({ clientId: "victim" });
    const client = harness.connect({ clientId: "A" });
    expect(client.subscribe("x/p2p/victim", "x/p2p/victim/", "x/p2p/nobody")).toEqual([
      0x80, 0x80, 0x80,
    ]);
  });

  it("[P4] [G04] one's own: granted, inert, no retained messages", () => {
    const harness = new Harness();
    const client = harness.connect({ clientId: "A" });
    client.publish("x/p2p/A", "not kept", { retain: true });
    client.packets();
    expect(client.subscribe(["x/p2p/A", 1], ["y/p2p/A/", 2])).toEqual([1, 2]);
    expect(client.packets()).toEqual([]);
    expect(harness.broker.gauges.subscriptions).toBe(0);
    client.publish("x/p2p/A", "once", { qos: 2 });
    expect(client.publishes()).toMatchObject([{ qos: 2 }]);
  });

  it("[P4] [G02] wildcards are granted by the rules and never match point-to-point", () => {
    const harness = new Harness();
    harness.connect({ clientId: "victim" });
    const client = harness.connect({ clientId: "A" });
    const filters = ["x/p2p/+", "x/p2p/#", "x/#", "+/p2p/#", "#", "+/+/victim"];
    expect(client.subscribe(...filters)).toEqual(filters.map(() => 0));
    harness.connect({ clientId: "B" }).publish("x/p2p/victim", "secret");
    expect(client.packets()).toEqual([]);
  });

  it("[P2] [P4] a malformed address is granted and inert", () => {
    const harness = new Harness();
    const client = harness.connect({ clientId: "A" });
    expect(client.subscribe("x/p2p/", "x/p2p/a/b")).toEqual([0, 0]);
    client.publish("x/p2p/a/b", "x");
    expect(client.packets()).toEqual([]);
  });

  it("[P4] inert ones count against the bound of the Session all the same", () => {
    const harness = new Harness({ limits: { subscriptionsPerSessionMax: 2 } });
    const client = harness.connect({ clientId: "A" });
    expect(client.subscribe("a/p2p/A", "b/p2p/A", "c/p2p/A")).toEqual([0, 0, 0x80]);
  });
});

describe("UNSUBSCRIBE", () => {
  it("[MQTT-3.10.4-1] [MQTT-3.10.4-2] removes exactly the filter that is equal, byte for byte", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe("a/+", "a/b", "A/b", "a/#");
    client.unsubscribe("a/+", "a/", "+/b");
    expect(harness.broker.gauges.subscriptions).toBe(3);
    client.unsubscribe("a/b", "a/#");
    client.publish("a/b", "x");
    client.publish("A/b", "y");
    expect(client.payloads()).toEqual(["y"]);
  });

  it("[MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.10.4-6] [D17] is answered whatever it removed", () => {
    const harness = new Harness();
    const client = harness.connect();
    const topicFilters = Array.from({ length: 1_000 }, (_, at) => `never/${at}`);
    client.send({ type: PacketType.UNSUBSCRIBE, packetId: 77, topicFilters });
    harness.work();
    expect(client.packets()).toEqual([{ type: PacketType.UNSUBACK, packetId: 77 }]);
  });

  it("[MQTT-3.10.4-3] completes a delivery already begun", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe(["t", 2]);
    client.publish("t", "begun", { qos: 2, packetId: 5 });
    client.unsubscribe("t");
    const [message] = client.publishes();
    client.pubrec(message?.packetId ?? 0);
    expect(client.packets()).toEqual([{ type: PacketType.PUBREL, packetId: 1 }]);
    client.pubcomp(1);
    expect(harness.broker.stats.unexpectedAcknowledgements).toBe(0);
  });

  it.each([
    ["no filter", "no-topic-filter", wire`a2 02 0001`],
    ["identifier 0", "zero-packet-id", wire`a2 05 0000 0001 61`],
    ["an empty filter", "empty-topic-filter", wire`a2 04 0001 0000`],
    [
      "a bad filter behind a good one",
      "misplaced-multi-level-wildcard",
      wire`a2 09 0001 0001 61 0002 ${"a#"}`,
    ],
  ] as const)("[D16] %s: hangs up", (_, code, bytes) => {
    const attack = new Attack();
    const attacker = attack.connect();
    attacker.send(bytes);
    attack.expectRefused(attacker, code);
  });

  it("[D14] ten thousand rounds of SUBSCRIBE and UNSUBSCRIBE leave nothing", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.publish("kept/1", "x", { retain: true });
    for (let at = 0; at < 10_000; at += 1) {
      client.subscribe(["kept/+", 1]);
      client.acknowledgeAll();
      client.unsubscribe("kept/+");
    }
    expect(harness.broker.gauges.subscriptions).toBe(0);
    expect(client.connection.retainedBacklog).toBeUndefined();
    expect(client.connection.session?.outbound).toMatchObject({ inFlightCount: 0, queuedCount: 0 });
  });
});

describe("matching", () => {
  it("[D13] wide wildcards do not blow up on deep topics", () => {
    const harness = new Harness();
    const client = harness.connect();
    const depth = 20;
    for (let bits = 0; bits < 256; bits += 1) {
      const levels = Array.from({ length: depth }, (_, at) => ((bits >> (at % 8)) & 1 ? "+" : "a"));
      client.subscribe(levels.join("/"));
    }
    client.publish(new Array(depth).fill("a").join("/"), "x");
    expect(client.payloads()).toEqual(["x"]);
  });
});
