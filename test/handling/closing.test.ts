import { describe, expect, it } from "vitest";
import { bytesOf, connectPacket, Harness } from "../support/harness.js";
import { wire } from "../support/wire.js";

const will = { topicName: "will/a" };

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
      sharedSubscriptions: 0,
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

describe("a hang-up", () => {
  it("is told with the client and its address: an accepted one, one that waits, nobody yet", () => {
    const told: unknown[][] = [];
    const harness = new Harness({
      policy: {
        authenticate: ({ clientId }, answer) => {
          if (clientId !== "waits") answer({ kind: "accepted" }, 1);
        },
      },
      limits: { authenticateTimeoutMs: 60_000 },
      events: {
        onHangUp: (client, reason, violation, { remoteAddress, listener }) =>
          told.push([client?.clientId, reason, violation?.code, remoteAddress, listener]),
      },
    });
    const silent = harness.open();
    const waiting = harness.open();
    waiting.send(connectPacket({ clientId: "waits" }));
    const accepted = harness.connect({ clientId: "a" });
    accepted.send(Uint8Array.of(0xff));
    harness.advance(10_000);
    harness.broker.close(harness.nowMs);
    expect([silent.isClosed, waiting.isClosed]).toEqual([true, true]);
    expect(told).toEqual([
      ["a", "violation", "reserved-packet-type", "test:1", undefined],
      [undefined, "connect-timeout", undefined, "test:1", undefined],
      ["waits", "shutdown", undefined, "test:1", undefined],
    ]);
  });

  it("is not told of what the peer has ended, or of a refusal, which is told by itself", () => {
    const told: unknown[] = [];
    const harness = new Harness({ events: { onHangUp: (_, reason) => told.push(reason) } });
    harness.connect({ clientId: "a" }).disconnect();
    harness.connect({ clientId: "b" }).cut();
    harness.open().send(connectPacket({ clientId: "", cleanSession: false }));
    expect(told).toEqual([]);
  });
});

describe("who is here", () => {
  it("[MQTT-3.1.4-2] is told of each accepted connection once when it begins and once when it is gone", () => {
    const told: unknown[] = [];
    const harness = new Harness({
      events: {
        onArrive: ({ clientId }, { number, keepAliveSeconds, protocolLevel }) =>
          told.push([clientId, number, keepAliveSeconds, protocolLevel]),
        onLeave: ({ clientId }, { number }, reason) => told.push([clientId, number, reason]),
      },
    });
    harness.open().cut();
    harness.open().send(connectPacket({ clientId: "", cleanSession: false })); // refused
    const first = harness.connect({ clientId: "a", keepAliveSeconds: 7 });
    harness.connect({ clientId: "a", protocolName: "MQIsdp", protocolLevel: 3 }).disconnect();
    first.cut();
    expect(told).toEqual([
      ["a", 3, 7, 4],
      ["a", 3, "taken-over"],
      ["a", 4, 0, 3],
      ["a", 4, "disconnected"],
    ]);
  });

  it("is not told of whoever waits for an answer, and never when it is cut meanwhile", () => {
    const told: unknown[] = [];
    let answer: () => void = () => undefined;
    const harness = new Harness({
      policy: {
        authenticate: (_, tell) => {
          answer = () => tell({ kind: "accepted" }, harness.nowMs);
        },
      },
      events: {
        onArrive: () => told.push("here"),
        onLeave: () => told.push("gone"),
      },
    });
    const peer = harness.open();
    peer.send(connectPacket());
    peer.cut();
    answer();
    expect(told).toEqual([]);
  });
});
