import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { concat } from "../support/arbitraries.js";
import { Attack } from "../support/attack.js";
import { bytesOf, Harness, publishPacket, textOf } from "../support/harness.js";
import { wire } from "../support/wire.js";

const pubrec = (packetId: number) => ({ type: PacketType.PUBREC, packetId });
const pubcomp = (packetId: number) => ({ type: PacketType.PUBCOMP, packetId });

describe("PUBLISH", () => {
  it.each([
    ["[E01] [MQTT-3.3.1-4] QoS 3", "qos-3", wire`36 05 0001 61 0001`],
    ["[E01] QoS 3 with RETAIN", "qos-3", wire`37 05 0001 61 0001`],
    ["[E01] QoS 3 with DUP", "qos-3", wire`3e 05 0001 61 0001`],
    ["[E01] all flags", "qos-3", wire`3f 05 0001 61 0001`],
    ["[E02] [MQTT-3.3.1-2] DUP at QoS 0", "dup-at-qos-0", wire`38 03 0001 61`],
    ["[E03] nothing", "truncated", wire`30 00`],
    ["[E03] [MQTT-4.7.3-1] an empty Topic Name", "empty-topic-name", wire`30 02 0000`],
    ["[E03] a Topic Name that goes beyond the packet", "truncated", wire`30 07 ffff 6161616161`],
    ["[E04] QoS 1 cut behind its topic", "truncated", wire`32 03 0001 61`],
    ["[E04] QoS 2 cut inside its identifier", "truncated", wire`34 04 0001 61 00`],
    ["[E04] identifier 0", "zero-packet-id", wire`32 05 0001 61 0000`],
    ["[E05] [MQTT-3.3.2-2] a wildcard", "wildcard-in-topic-name", wire`30 03 0001 2b`],
    ["[E05] # in a level", "wildcard-in-topic-name", wire`30 05 0003 ${"a#b"}`],
    ["[E05] NUL", "null-character", wire`30 03 0001 00`],
    ["[E05] ill-formed UTF-8", "ill-formed-utf8", wire`30 04 0002 c080`],
    ["[E05] [M22] 200 levels", "too-many-topic-levels", wire`30 c901 00c7 ${"/".repeat(199)}`],
  ] as const)("%s: hangs up [M12]", (_, code, bytes) => {
    const attack = new Attack();
    const attacker = attack.connect();
    attacker.send(bytes);
    attack.expectRefused(attacker, code);
  });

  it("[E02] DUP at QoS 0 is accepted where configuration says so, and not passed on", () => {
    const client = new Harness({ dupAtQos0: "accept" }).connect();
    client.subscribe("a");
    client.send(wire`38 04 0001 61 78`);
    expect(client.publishes()).toMatchObject([{ dup: false, qos: 0 }]);
  });

  it("[MQTT-3.3.4-1] is answered as its QoS asks, also when nobody receives it [P11]", () => {
    const client = new Harness().connect();
    client.publish("t", "0");
    client.publish("t", "1", { qos: 1, packetId: 11 });
    client.publish("t", "2", { qos: 2, packetId: 12 });
    client.pubrel(12);
    expect(client.packets()).toEqual([
      { type: PacketType.PUBACK, packetId: 11 },
      pubrec(12),
      pubcomp(12),
    ]);
  });

  it("[MQTT-3.3.1-3] DUP of the sender is not passed on", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe(["t", 2]);
    client.publish("t", "1", { qos: 1, packetId: 1, dup: true });
    client.publish("t", "2", { qos: 2, packetId: 2, dup: true });
    expect(client.publishes().map(({ dup }) => dup)).toEqual([false, false]);
  });

  it("[MQTT-4.3.2-2] at QoS 1 the same identifier again is a new message", () => {
    const client = new Harness().connect();
    client.subscribe("t");
    for (const payload of ["1", "2"]) client.publish("t", payload, { qos: 1, dup: true });
    expect(client.payloads()).toEqual(["1", "2"]);
  });

  it("[MQTT-3.3.1-9] is passed on without RETAIN to standing Subscriptions", () => {
    const client = new Harness().connect();
    client.subscribe("t");
    client.publish("t", "x", { retain: true });
    expect(client.publishes()).toMatchObject([{ retain: false }]);
  });

  it("[E19] QoS 0, 1 and 2 mixed on one topic under one identifier: none lost, none doubled", () => {
    const harness = new Harness();
    const sender = harness.connect({ clientId: "S" });
    const receiver = harness.connect({ clientId: "R" });
    receiver.subscribe(["t", 2]);
    const expected: string[] = [];
    for (let at = 0; at < 90; at += 1) {
      const qos = (at % 3) as 0 | 1 | 2;
      sender.publish("t", `${at}`, { qos, packetId: 7 });
      if (qos === 2) sender.pubrel(7);
      expected.push(`${at}`);
    }
    expect(receiver.acknowledgeAll().map(({ payload }) => textOf(payload))).toEqual(expected);
  });
});

describe("QoS 2 as receiver", () => {
  it("[M4] [E10] [MQTT-4.3.3-2] the same identifier ten thousand times is one message, one record", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe("t");
    for (let at = 0; at < 10_000; at += 1) client.publish("t", "x", { qos: 2, packetId: 3 });
    expect(client.packets().filter(({ type }) => type === PacketType.PUBLISH)).toHaveLength(1);
    expect(harness.broker.stats).toMatchObject({ messagesReceived: 1, repeats: 9_999 });
    expect(client.connection.session?.inbound.size).toBe(1);
  });

  it("[M4] [E12] another payload under an open identifier: the first stands", () => {
    const client = new Harness().connect();
    client.subscribe("t", "u");
    client.publish("t", "first", { qos: 2, packetId: 3 });
    client.publish("u", "second", { qos: 2, packetId: 3, dup: true });
    expect(client.packets()).toMatchObject([
      pubrec(3),
      { type: PacketType.PUBLISH, topicName: "t", payload: bytesOf("first") },
      pubrec(3),
    ]);
  });

  it("[E13] [MQTT-4.3.3-2] an identifier is free again behind PUBREL", () => {
    const client = new Harness().connect();
    client.subscribe("t");
    for (const payload of ["1", "2", "3"]) {
      client.publish("t", payload, { qos: 2, packetId: 3 });
      client.pubrel(3);
    }
    expect(client.payloads()).toEqual(["1", "2", "3"]);
  });

  it("[E14] [M4] PUBLISH, cut, reconnect, repeat, PUBREL: delivered once", () => {
    const harness = new Harness();
    const witness = harness.connect({ clientId: "W" });
    witness.subscribe("t");
    const before = harness.connect({ clientId: "A", cleanSession: false });
    before.publish("t", "once", { qos: 2, packetId: 3 });
    before.cut();
    const after = harness.connect({ clientId: "A", cleanSession: false });
    after.publish("t", "once", { qos: 2, packetId: 3, dup: true });
    after.pubrel(3);
    after.pubrel(3);
    expect(after.packets()).toEqual([pubrec(3), pubcomp(3), pubcomp(3)]);
    expect(witness.payloads()).toEqual(["once"]);
  });

  it("[E11] at the bound of open identifiers all is well, one past it hangs up", () => {
    const attack = new Attack({ limits: { inboundInFlightMax: 3 } });
    const attacker = attack.connect();
    for (const packetId of [1, 2, 3]) {
      attacker.publish("x/p2p/attacker", "x", { qos: 2, packetId });
    }
    attacker.publish("x/p2p/attacker", "x", { qos: 2, packetId: 2 });
    attacker.pubrel(1);
    attacker.publish("x/p2p/attacker", "x", { qos: 2, packetId: 4 });
    expect(attacker.isClosed).toBe(false);
    attacker.publish("x/p2p/attacker", "x", { qos: 2, packetId: 5 });
    attack.expectRefused(attacker, "too-many-inbound-in-flight");
  });

  it("[E11] all 65,535 identifiers may be open; they end with the Session", () => {
    const harness = new Harness();
    const client = harness.connect();
    for (let packetId = 1; packetId <= 0xffff; packetId += 1) {
      client.send(wire`34 05 0001 61 ${packetId >> 8} ${packetId & 0xff}`);
    }
    expect(client.bytes()).toHaveLength(4 * 0xffff);
    expect(client.isClosed).toBe(false);
    expect(client.connection.session?.inbound.size).toBe(0xffff);
    client.disconnect();
    expect(harness.broker.gauges.sessions).toBe(0);
  });
});

describe("many PUBLISH packets in one chunk", () => {
  const SIZES = [0, 1, 2, 3, 4, 5, 60, 100, 124, 125, 126, 127, 200, 250, 251, 252, 400, 5_000];

  for (const topicName of ["t/p2p/R", "t/x", "é/€/𐍈"]) {
    it.each([0, 1, 2] as const)(
      `[MQTT-3.3.1-9] [MQTT-4.6.0-6] arrive at QoS %i as they were sent, RETAIN aside: ${topicName}`,
      (qos) => {
        const harness = new Harness();
        const receiver = harness.connect({ clientId: "R" });
        receiver.subscribe(["t/x", 1], ["é/#", 2]);
        const granted = topicName === "t/x" ? 1 : 2;
        const sender = harness.connect({ clientId: "S" });
        const payloads = SIZES.map((size, at) =>
          Uint8Array.from({ length: size }, (_, n) => n ^ at),
        );
        const packets = payloads.map((payload, at) => {
          const packetId = qos === 0 ? 0 : 1_000 + at;
          return publishPacket(topicName, payload, { qos, packetId, retain: at % 3 === 0 });
        });
        sender.send(...packets);
        const arrived = receiver.publishes();
        expect(arrived.map(({ payload }) => payload)).toEqual(payloads);
        arrived.forEach((packet, at) => {
          const expected = { topicName, qos: Math.min(qos, granted), retain: false, dup: false };
          expect(packet).toMatchObject({ ...expected, packetId: qos === 0 ? 0 : at + 1 });
        });
      },
    );
  }

  it("§2.2.3: go on in the shortest form, also when their length was padded", () => {
    const harness = new Harness({ paddedLength: "accept" });
    const receiver = harness.connect({ clientId: "R" });
    const sender = harness.connect({ clientId: "S" });
    receiver.link.received();
    const padded = wire`30 8d00 0007 ${"t/p2p/R"} ${"abcd"}`;
    sender.send(...Array.from({ length: 20 }, () => padded));
    const plain = wire`30 0d 0007 ${"t/p2p/R"} ${"abcd"}`;
    expect(receiver.link.received()).toEqual(concat(Array.from({ length: 20 }, () => plain)));
  });
});
