import { describe, expect, it } from "vitest";
import {
  bytesOf,
  type ConnectOptions,
  Harness,
  type Peer,
  publishPacket,
} from "../support/harness.js";
import { wire } from "../support/wire.js";

/** Somebody who sees every Will of the others. */
function witness(harness: Harness): Peer {
  const peer = harness.connect({ clientId: "witness" });
  peer.subscribe(["will/#", 2]);
  return peer;
}

const will = { topicName: "will/a" };

describe("the Will", () => {
  it.each<[string, (harness: Harness, peer: Peer) => void, ConnectOptions?]>([
    ["the network is cut", (_, peer) => peer.cut()],
    ["it breaks the protocol", (_, peer) => peer.send(wire`00`)],
    ["its keep alive runs out", (harness) => harness.advance(2_000), { keepAliveSeconds: 1 }],
    ["the broker closes the connection", (harness) => harness.broker.disconnect("a", 1_000)],
    ["the broker stops", (harness) => harness.broker.close(harness.nowMs)],
    ["somebody takes over", (harness) => harness.connect({ clientId: "a" })],
  ])("[M2] [MQTT-3.1.2-8] is published once when %s", (_, end, options) => {
    const harness = new Harness();
    const seen = witness(harness);
    const peer = harness.connect({ clientId: "a", will, ...options });
    harness.broker.flush();
    end(harness, peer);
    harness.broker.flush();
    peer.cut();
    harness.advance(1_000);
    expect(seen.payloads()).toEqual(["gone"]);
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  it("[M2] [MQTT-3.14.4-3] [MQTT-3.1.2-10] only DISCONNECT suppresses it", () => {
    const harness = new Harness();
    const seen = witness(harness);
    harness.connect({ clientId: "a", will }).disconnect();
    harness.advance(1_000);
    expect(seen.packets()).toEqual([]);
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  it("[M2] and a take-over, where configuration says so", () => {
    const harness = new Harness({ willOnTakeOver: false });
    const seen = witness(harness);
    harness.connect({ clientId: "a", will });
    const again = harness.connect({ clientId: "a", will });
    expect(seen.packets()).toEqual([]);
    again.cut();
    expect(seen.payloads()).toEqual(["gone"]);
  });

  it("[MQTT-3.1.2-12] without one nothing is published", () => {
    const harness = new Harness();
    const seen = harness.connect({ clientId: "witness" });
    seen.subscribe("#");
    harness.connect({ clientId: "a" }).cut();
    expect(seen.packets()).toEqual([]);
  });

  it.each([0, 1, 2] as const)("[MQTT-3.1.2-9] [MQTT-3.1.2-14] has its own QoS: %i", (qos) => {
    const harness = new Harness();
    const seen = witness(harness);
    harness.connect({ clientId: "a", will: { ...will, qos } }).cut();
    expect(seen.acknowledgeAll()).toMatchObject([{ qos, topicName: "will/a", retain: false }]);
  });

  it("[MQTT-3.1.2-16] [MQTT-3.1.2-17] is kept as a retained message exactly when it says so", () => {
    const harness = new Harness();
    harness.connect({ clientId: "a", will: { topicName: "will/kept", retain: true } }).cut();
    harness.connect({ clientId: "b", will: { topicName: "will/not" } }).cut();
    const seen = witness(harness);
    expect(seen.publishes()).toMatchObject([{ topicName: "will/kept", retain: true }]);
  });

  it("[P14] on a point-to-point topic is routed to its Client, and to nobody else", () => {
    const harness = new Harness();
    const seen = harness.connect({ clientId: "spy" });
    seen.subscribe("#");
    const receiver = harness.connect({ clientId: "R" });
    harness.connect({ clientId: "a", will: { topicName: "x/p2p/R", qos: 1, retain: true } }).cut();
    expect(receiver.publishes()).toMatchObject([{ topicName: "x/p2p/R", qos: 1, retain: false }]);
    expect(seen.packets()).toEqual([]);
    expect(harness.broker.gauges.retained).toBe(0);
  });

  it("[P7] [P14] counts as sent by a durable sender when it was one", () => {
    for (const cleanSession of [true, false]) {
      const harness = new Harness({ pointToPoint: { offline: "sender" } });
      harness
        .connect({ clientId: "a", cleanSession, will: { topicName: "x/p2p/R", qos: 1 } })
        .cut();
      const received = harness.connect({ clientId: "R" }).payloads();
      expect(received).toEqual(cleanSession ? [] : ["gone"]);
    }
  });

  it("[F10] [G06] is dropped if its Client has lost the right to it since CONNECT", () => {
    const rights = { publish: true, send: true };
    const harness = new Harness({
      policy: { mayPublish: () => rights.publish, maySendToClient: () => rights.send },
    });
    const seen = witness(harness);
    const receiver = harness.connect({ clientId: "R" });
    const a = harness.connect({ clientId: "a", will });
    const b = harness.connect({ clientId: "b", will: { topicName: "x/p2p/R" } });
    rights.publish = false;
    rights.send = false;
    a.cut();
    b.cut();
    expect(seen.packets()).toEqual([]);
    expect(receiver.packets()).toEqual([]);
    expect(harness.dropCount("denied")).toBe(2);
  });

  it("[M8] [B08] to a $ topic is accepted, and dropped and counted when it is due", () => {
    const harness = new Harness({ dollarTopics: ["$ok/"] });
    const seen = harness.connect({ clientId: "w" });
    seen.subscribe("$SYS/#", "$ok/#", "#");
    for (const topicName of ["$SYS/broker/connection/a/state", "$ok/a"]) {
      const peer = harness.connect({ clientId: "a", will: { topicName, qos: 1, retain: true } });
      peer.cut();
    }
    expect(seen.publishes()).toMatchObject([{ topicName: "$ok/a" }]);
    expect(harness.dropCount("dollar-topic")).toBe(1);
    expect(harness.broker.gauges.retained).toBe(1);
    harness.connect({ clientId: "a", will: { topicName: "$SYS/x" } }).disconnect();
    expect(harness.dropCount("dollar-topic")).toBe(1);
  });

  it("[M21] [B08] its Client may not publish or send is accepted, and dropped when it is due", () => {
    const policy = { mayPublish: () => false, maySendToClient: () => false };
    const harness = new Harness({ policy });
    const receiver = harness.connect({ clientId: "R" });
    const seen = witness(harness);
    for (const topicName of ["will/x", "x/p2p/R"]) {
      harness.connect({ clientId: "a", will: { topicName, retain: true } }).cut();
    }
    expect([...seen.packets(), ...receiver.packets()]).toEqual([]);
    expect(harness.dropCount("denied")).toBe(2);
    expect(harness.broker.gauges.retained).toBe(0);
  });

  it("[F09] connect and drop in a loop has the same rights and counts as PUBLISH", () => {
    const harness = new Harness({ policy: { mayPublish: () => false } });
    const seen = witness(harness);
    for (let at = 0; at < 10; at += 1) {
      harness.open().send(publishPacket("will/x"));
      harness.connect({ clientId: "a", will }).cut();
    }
    expect(seen.packets()).toEqual([]);
    expect(harness.dropCount("denied")).toBe(10);
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  it("[F08] to those who have Wills themselves ends: everybody's is published once", () => {
    const harness = new Harness();
    const seen = witness(harness);
    const peers = Array.from({ length: 50 }, (_, at) => {
      const peer = harness.connect({ clientId: `${at}`, will, keepAliveSeconds: 1 });
      peer.subscribe("will/#");
      return peer;
    });
    harness.advance(2_500);
    expect(peers.every(({ isClosed }) => isClosed)).toBe(true);
    expect(seen.payloads()).toEqual(new Array(50).fill("gone"));
    expect(harness.broker.stats.connections).toBe(1);
  });

  it("[F07] two thousand at once leave the others alive and served", () => {
    const harness = new Harness();
    const seen = witness(harness);
    const peers = Array.from({ length: 2_000 }, (_, at) =>
      harness.connect({ clientId: `${at}`, will: { topicName: `will/${at}` } }),
    );
    for (const peer of peers) peer.cut();
    expect(seen.publishes()).toHaveLength(2_000);
    harness.connect({ clientId: "B" }).publish("will/live", "live");
    expect(seen.payloads()).toEqual(["live"]);
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  describe("that its own Client receives", () => {
    it("[M2] is queued for a kept Session, and its first copy has DUP 0 [MQTT-4.3.2-1]", () => {
      const harness = new Harness();
      const peer = harness.connect({
        clientId: "a",
        cleanSession: false,
        will: { topicName: "will/a", qos: 1 },
      });
      peer.subscribe(["will/#", 1]);
      peer.cut();
      expect(harness.broker.stats.messagesSent).toBe(0);
      const again = harness.connect({ clientId: "a", cleanSession: false });
      expect(again.publishes()).toMatchObject([{ topicName: "will/a", dup: false, packetId: 1 }]);
    });

    it("[M1] [M2] is queued at a take-over, and sent to the new connection", () => {
      const harness = new Harness();
      const options = { clientId: "a", cleanSession: false } as const;
      const old = harness.connect({ ...options, will: { topicName: "x/p2p/a", qos: 2 } });
      old.packets();
      const next = harness.connect(options);
      expect(old.packets()).toEqual([]);
      expect(next.publishes()).toMatchObject([{ topicName: "x/p2p/a", qos: 2, dup: false }]);
    });

    it("[M17] is dropped and counted at QoS 0, or when its Session ends with it", () => {
      const harness = new Harness();
      const kept = harness.connect({ clientId: "a", cleanSession: false, will });
      kept.subscribe("will/#");
      kept.cut();
      expect(harness.drops).toEqual([
        { reason: "offline-qos-0", topicName: "will/a", receiverId: "a" },
      ]);
      const clean = harness.connect({ clientId: "b", will: { topicName: "x/p2p/b", qos: 1 } });
      clean.cut();
      expect(harness.dropCount("unknown")).toBe(1);
      expect(harness.broker.stats.messagesSent).toBe(0);
    });
  });
});

describe("the end of a connection", () => {
  it("sends what was written before the Link is closed", () => {
    const harness = new Harness();
    const receiver = harness.connect({ clientId: "R" });
    const sender = harness.connect({ clientId: "S" });
    // No flush between the two: the message is still in the outbox when the broker hangs up.
    const message = { parent: "x", payload: bytesOf("last"), qos: 0 as const };
    harness.broker.sendToClient("R", message, harness.nowMs);
    harness.broker.disconnect("R", harness.nowMs);
    expect(receiver.payloads()).toEqual(["last"]);
    expect(receiver.isClosed).toBe(true);
    expect(sender.isClosed).toBe(false);
    expect(harness.closes).toMatchObject([{ clientId: "R", reason: "kicked" }]);
  });

  it("is told once, whoever ends it and however often", () => {
    const harness = new Harness();
    const peer = harness.connect({ clientId: "a" });
    peer.disconnect();
    peer.cut();
    peer.cut();
    peer.connection.drained(harness.nowMs);
    peer.connection.receive(wire`c0 00`, harness.nowMs);
    expect(harness.closes).toEqual([
      { clientId: "a", reason: "disconnected", violation: undefined },
    ]);
    expect(harness.broker.stats.connections).toBe(0);
  });

  it("[MQTT-3.1.2-6] [D14] ends a Clean Session: every drop counted, every table as before", () => {
    const harness = new Harness({ limits: { inFlightMax: 2 } });
    const sender = harness.connect({ clientId: "S" });
    const peer = harness.connect({ clientId: "a", will });
    peer.subscribe(["t", 2], ["u/#", 1], "x/p2p/a");
    for (const payload of ["1", "2", "3"]) sender.publish("t", payload, { qos: 1 });
    sender.publish("x/p2p/a", "4", { qos: 1 });
    sender.publish("x/p2p/a", "5");
    expect(harness.broker.stats.pointToPointKept).toBe(2);
    peer.cut();
    expect(harness.drops.map(({ reason }) => reason)).toEqual(
      new Array(5).fill("session-ended"), // two in flight, three queued
    );
    expect(harness.broker.stats.pointToPointKept).toBe(0);
    expect(harness.broker.gauges).toMatchObject({ sessions: 1, subscriptions: 0 });
    expect(peer.connection.session?.outbound).toMatchObject({ inFlightCount: 0, queuedCount: 0 });
  });

  it("[MQTT-4.3.3-1] a QoS 2 message behind PUBREC has arrived: it is not counted as dropped", () => {
    const harness = new Harness();
    const peer = harness.connect({ clientId: "a" });
    harness.connect({ clientId: "S" }).publish("x/p2p/a", "x", { qos: 2 });
    peer.pubrec(1);
    peer.cut();
    expect(harness.drops).toEqual([]);
  });

  it("[MQTT-3.1.2-4] keeps another Session with all it has", () => {
    const harness = new Harness();
    const peer = harness.connect({ clientId: "a", cleanSession: false });
    peer.subscribe("t");
    peer.cut();
    expect(harness.broker.gauges).toMatchObject({
      sessions: 1,
      offlineSessions: 1,
      subscriptions: 1,
    });
    expect(harness.drops).toEqual([]);
  });

  it("a Client nobody knows cannot be disconnected", () => {
    const harness = new Harness();
    harness.connect({ clientId: "offline", cleanSession: false }).cut();
    expect(harness.broker.disconnect("nobody", harness.nowMs)).toBe(false);
    expect(harness.broker.disconnect("offline", harness.nowMs)).toBe(false);
  });

  it("stopping closes everybody, whatever they were doing", () => {
    const harness = new Harness({ policy: { authenticate: () => undefined } });
    const silent = harness.open();
    const waiting = harness.open();
    waiting.send(wire`10 0d 0004 4d515454 04 02 0000 0001 61`);
    harness.broker.close(harness.nowMs);
    expect([silent.isClosed, waiting.isClosed]).toEqual([true, true]);
    expect(harness.broker.stats.closes.get("shutdown")).toBe(2);
    expect(harness.broker.stats.connections).toBe(0);
  });

  it("[D14] a thousand Clients come, do everything and go: nothing of them is left", () => {
    const harness = new Harness();
    for (let at = 0; at < 1_000; at += 1) {
      const peer = harness.connect({ clientId: `c${at}`, will: { ...will, qos: 1 } });
      peer.subscribe([`t/${at % 10}`, 2], "#", [`x/p2p/c${at}`, 1]);
      peer.publish(`t/${at % 10}`, "x", { qos: 2, packetId: 1 });
      peer.publish(`x/p2p/c${at}`, "x", { qos: 1, packetId: 2 });
      if (at % 2 === 0) peer.acknowledgeAll();
      if (at % 3 === 0) peer.disconnect();
      else peer.cut();
    }
    expect(harness.broker.gauges).toEqual({
      sessions: 0,
      offlineSessions: 0,
      subscriptions: 0,
      retained: 0,
      inboxes: 0,
      unfinishedBytes: 0,
    });
    const { connections, willBytes, pointToPointKept, retainedBytes } = harness.broker.stats;
    expect([connections, willBytes, pointToPointKept, retainedBytes]).toEqual([0, 0, 0, 0]);
    expect(harness.broker.unflushedCount).toBe(0);
    expect(harness.broker.needsWork).toBe(false);
  });
});
