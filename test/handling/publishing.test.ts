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

describe("acknowledgements nobody waits for", () => {
  it("[M13] [E06] PUBACK and PUBCOMP are ignored and counted; PUBREC is answered by PUBREL", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.puback(5);
    client.pubcomp(6);
    expect(client.packets()).toEqual([]);
    client.pubrec(7);
    expect(client.packets()).toEqual([{ type: PacketType.PUBREL, packetId: 7 }]);
    expect(harness.broker.stats.unexpectedAcknowledgements).toBe(3);
    expect(client.isClosed).toBe(false);
  });

  it("[M13] [E07] PUBREL is answered by PUBCOMP", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.pubrel(9);
    expect(client.packets()).toEqual([pubcomp(9)]);
    expect(harness.broker.stats.unexpectedAcknowledgements).toBe(1);
  });

  it("[E09] out of order, doubled, ten thousand times: no extra effect", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe(["t", 1]);
    for (let at = 1; at <= 3; at += 1) client.publish("t", `${at}`, { qos: 1, packetId: at });
    for (const packetId of [3, 1, 3, 2, 1]) client.puback(packetId);
    for (let at = 0; at < 10_000; at += 1) client.puback(2);
    expect(client.payloads()).toEqual(["1", "2", "3"]);
    expect(client.connection.session?.outbound.inFlightCount).toBe(0);
    expect(harness.broker.stats.unexpectedAcknowledgements).toBe(10_002);
  });

  it.each([
    ["PUBREC for a QoS 1 message", 1, PacketType.PUBREC],
    ["PUBCOMP for a QoS 1 message", 1, PacketType.PUBCOMP],
    ["PUBACK for a QoS 2 message", 2, PacketType.PUBACK],
    ["PUBCOMP before PUBREC", 2, PacketType.PUBCOMP],
  ] as const)("[M13] [E08] %s hangs up, and the message is not lost", (_, qos, type) => {
    const harness = new Harness();
    const sender = harness.connect({ clientId: "S" });
    const client = harness.connect({ clientId: "A", cleanSession: false });
    client.subscribe(["t", qos]);
    sender.publish("t", "kept", { qos });
    client.packets();
    client.send({ type, packetId: 1 });
    expect(client.isClosed).toBe(true);
    expect(harness.broker.stats.violations.get("wrong-acknowledgement")).toBe(1);
    const again = harness.connect({ clientId: "A", cleanSession: false });
    expect(again.publishes()).toMatchObject([{ packetId: 1, dup: true, qos }]);
  });

  it("[M13] [E08] PUBACK behind PUBREC hangs up; PUBREC again is answered again", () => {
    const harness = new Harness();
    const client = harness.connect();
    client.subscribe(["t", 2]);
    client.publish("t", "x", { qos: 2, packetId: 4 });
    client.packets();
    client.pubrec(1);
    client.pubrec(1);
    expect(client.packets()).toEqual([
      { type: PacketType.PUBREL, packetId: 1 },
      { type: PacketType.PUBREL, packetId: 1 },
    ]);
    expect(harness.broker.stats.unexpectedAcknowledgements).toBe(0);
    client.puback(1);
    expect(client.isClosed).toBe(true);
  });
});

describe("what a Client may not publish", () => {
  it("[M21] [MQTT-3.3.5-2] is acknowledged, dropped, counted and told", () => {
    const harness = new Harness({ policy: { mayPublish: (from) => from.clientId !== "A" } });
    const witness = harness.connect({ clientId: "W" });
    witness.subscribe("#");
    const client = harness.connect({ clientId: "A" });
    client.publish("t", "0", { retain: true });
    client.publish("t", "1", { qos: 1, packetId: 1 });
    client.publish("t", "2", { qos: 2, packetId: 2 });
    client.pubrel(2);
    expect(client.packets().map(({ type }) => type)).toEqual([
      PacketType.PUBACK,
      PacketType.PUBREC,
      PacketType.PUBCOMP,
    ]);
    expect(witness.packets()).toEqual([]);
    expect(harness.broker.gauges.retained).toBe(0);
    expect(harness.drops).toMatchObject(
      new Array(3).fill({ reason: "denied", topicName: "t", receiverId: undefined }),
    );
  });

  it("[M21] hangs up where configuration says so, with the Will", () => {
    const harness = new Harness({
      policy: { mayPublish: (_from, topicName) => topicName !== "no" },
      deniedPublish: "hang-up",
    });
    const witness = harness.connect({ clientId: "W" });
    witness.subscribe("#");
    const client = harness.connect({ clientId: "A", will: { topicName: "will" } });
    client.send(publishPacket("no", "1", { qos: 1 }), publishPacket("t", "behind"));
    expect(client.isClosed).toBe(true);
    expect(harness.closes).toMatchObject([{ clientId: "A", reason: "denied" }]);
    expect(witness.payloads()).toEqual(["gone"]);
  });

  it("[P18] the right to send to a Client is its own verb", () => {
    const asked: unknown[] = [];
    const harness = new Harness({
      policy: {
        mayPublish: () => false,
        maySendToClient: (from, to, parent) => {
          asked.push([from.clientId, to, parent]);
          return to === "friend";
        },
      },
    });
    const friend = harness.connect({ clientId: "friend" });
    const foe = harness.connect({ clientId: "foe" });
    const client = harness.connect({ clientId: "A" });
    client.publish("x/p2p/friend", "1");
    client.publish("y/p2p/foe/", "2", { qos: 1 });
    client.publish("x/ordinary", "3");
    expect(friend.payloads()).toEqual(["1"]);
    expect(foe.packets()).toEqual([]);
    expect(asked).toEqual([
      ["A", "friend", "x"],
      ["A", "foe", "y"],
    ]);
    expect(harness.dropCount("denied")).toBe(2);
  });

  it("[P18] without that verb the publish right on the full topic decides", () => {
    const asked: string[] = [];
    const harness = new Harness({
      policy: {
        mayPublish: (_from, topicName) => {
          asked.push(topicName);
          return topicName.startsWith("yes/");
        },
      },
    });
    const receiver = harness.connect({ clientId: "R" });
    const client = harness.connect({ clientId: "A" });
    client.publish("yes/p2p/R", "1");
    client.publish("no/p2p/R", "2");
    expect(receiver.payloads()).toEqual(["1"]);
    expect(asked).toEqual(["yes/p2p/R", "no/p2p/R"]);
  });

  it("[G01] what may not be sent is acknowledged, dropped and never queued", () => {
    const harness = new Harness({ policy: { maySendToClient: () => false } });
    harness.connect({ clientId: "victim", cleanSession: false }).cut();
    const client = harness.connect({ clientId: "A" });
    client.publish("x/p2p/victim", "x", { qos: 1 });
    expect(client.packets()).toHaveLength(1);
    expect(harness.broker.stats.pointToPointKept).toBe(0);
    expect(harness.connect({ clientId: "victim", cleanSession: false }).packets()).toEqual([]);
  });

  it("[M8] [H09] $ topics: acknowledged, dropped, counted, unless configuration allows", () => {
    const harness = new Harness({ dollarTopics: ["$open/"] });
    const client = harness.connect({ clientId: "A" });
    client.subscribe("$SYS/#", "$open/#", "$openly/x");
    client.publish("$SYS/x", "1", { qos: 1, packetId: 1, retain: true });
    client.publish("$internal", "2");
    client.publish("$openly/x", "3");
    client.publish("$open/x", "4");
    expect(client.packets()).toMatchObject([
      { type: PacketType.PUBACK, packetId: 1 },
      { type: PacketType.PUBLISH, topicName: "$open/x" },
    ]);
    expect(harness.dropCount("dollar-topic")).toBe(3);
    expect(harness.broker.gauges.retained).toBe(0);
  });

  it("[M29] a payload at the bound passes, one byte past it is acknowledged, dropped, counted", () => {
    const harness = new Harness({ limits: { messageBytesMax: 4 } });
    const client = harness.connect();
    client.subscribe("t");
    client.publish("t", "1234");
    client.publish("t", "12345", { qos: 1, packetId: 2 });
    expect(client.packets()).toMatchObject([
      { type: PacketType.PUBLISH },
      { type: PacketType.PUBACK, packetId: 2 },
    ]);
    expect(harness.dropCount("message-too-large")).toBe(1);
  });
});

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
