import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { Harness, publishPacket } from "../support/harness.js";
import { LateAnswers } from "../support/late-answers.js";

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

describe("a permission that comes later", () => {
  it("[M21] [MQTT-3.3.5-2] a late no hangs up where a no does", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: { mayPublish: late.ask }, deniedPublish: "hang-up" });
    const options = { clientId: "A", cleanSession: false } as const;
    const client = harness.connect(options);
    client.send(publishPacket("t", "x", { qos: 2, packetId: 2 }), publishPacket("t", "behind"));
    late.answer(harness, false);
    expect([client.packets(), client.isClosed, late.open.length]).toEqual([[], true, 0]);
    const again = harness.connect(options); // its repeat is judged anew
    again.publish("t", "x", { qos: 2, packetId: 2, dup: true });
    late.answer(harness, true);
    expect(again.packets()).toMatchObject([{ type: PacketType.PUBREC }]);
  });

  it("[P18] the right to send to a Client may come late, too", () => {
    const late = new LateAnswers();
    const harness = new Harness({ policy: { maySendToClient: late.ask } });
    const receiver = harness.connect({ clientId: "R" });
    harness.connect({ clientId: "A" }).publish("x/p2p/R", "x", { qos: 1 });
    expect(receiver.packets()).toEqual([]);
    late.answer(harness, true);
    expect(receiver.payloads()).toEqual(["x"]);
  });

  it("what needs no question is not asked about: $ topics and what is too large", () => {
    const late = new LateAnswers();
    const harness = new Harness({
      policy: { mayPublish: late.ask },
      limits: { messageBytesMax: 1 },
    });
    const client = harness.connect({ clientId: "A" });
    client.publish("$SYS/x", "1", { qos: 1, packetId: 1 });
    client.publish("t", "22", { qos: 1, packetId: 2 });
    expect([late.open.length, client.packets().length]).toEqual([0, 2]);
  });
});
