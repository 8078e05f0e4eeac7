import { describe, expect, it } from "vitest";
import { PacketType, type Policy } from "../../src/engine.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { connectPacket, Harness, type Peer, publishPacket } from "../support/harness.js";
import { wire } from "../support/wire.js";

/** When, after how many ms of 50 ms steps, the broker closes this connection. */
function closedAfterMs(harness: Harness, peer: Peer, limitMs: number): number | undefined {
  for (let ms = 50; ms <= limitMs; ms += 50) {
    harness.nowMs += 50;
    if (ms % 250 === 0) harness.broker.tick(harness.nowMs);
    if (peer.isClosed) return ms;
  }
  return undefined;
}

/** How much a number grows with each call into the engine, from a tick on until nothing is left. */
function slices(harness: Harness, count: () => number): number[] {
  const seen = [count()];
  harness.broker.tick(harness.nowMs);
  seen.push(count());
  while (harness.broker.needsWork) {
    harness.broker.work(harness.nowMs);
    seen.push(count());
  }
  return seen.slice(1).map((value, at) => value - (seen[at] as number));
}

describe("credentials that end", () => {
  const until = (expiresAtMs: number): Policy => ({
    authenticate: (_, answer) => answer({ kind: "accepted", expiresAtMs }, 1_000),
  });

  it.each([5_000, 100_000, 10_000_000])(
    "close the connection after %i ms, however alive it is",
    (ms) => {
      const harness = new Harness({ policy: until(1_000 + ms) });
      const peer = harness.connect();
      harness.nowMs += ms - 4_000;
      harness.advance(3_750);
      expect(peer.isClosed).toBe(false);
      peer.send(wire`c0 00`);
      harness.advance(750);
      expect(peer.isClosed).toBe(true);
      expect(harness.closes).toMatchObject([{ reason: "credentials-expired" }]);
      expect([...harness.broker.stats.closes]).toEqual([["credentials-expired", 1]]);
    },
  );

  it("close it although it is not read, and waits for a hook", () => {
    const mayPublish = () => ({ whenAnswered: () => undefined });
    const harness = new Harness({ policy: { ...until(3_000), mayPublish } });
    const peer = harness.connect();
    peer.publish("a", "waits for the hook");
    harness.advance(2_500);
    expect(peer.isClosed).toBe(true);
    expect(harness.closes).toMatchObject([{ reason: "credentials-expired" }]);
  });
});

describe("keep alive", () => {
  it.each([1, 2, 7, 30, 60, 100])(
    "[M18] [MQTT-3.1.2-24] of %i s closes between 1.5 K and 1.5 K + 1 s",
    (seconds) => {
      for (const offsetMs of [0, 33, 249]) {
        const harness = new Harness();
        harness.nowMs += offsetMs;
        const peer = harness.connect({ keepAliveSeconds: seconds });
        const afterMs = closedAfterMs(harness, peer, seconds * 1_500 + 5_000);
        expect(afterMs).toBeGreaterThanOrEqual(seconds * 1_500);
        expect(afterMs).toBeLessThanOrEqual(seconds * 1_500 + 1_000);
        expect(harness.closes).toMatchObject([{ reason: "keep-alive" }]);
      }
    },
  );

  it("[M18] of the largest value, 65,535 s, is found too", () => {
    const harness = new Harness();
    const peer = harness.connect({ keepAliveSeconds: 65_535 });
    harness.nowMs += 65_535 * 1_500 - 100_000;
    harness.advance(99_750);
    expect(peer.isClosed).toBe(false);
    harness.advance(1_250);
    expect(peer.isClosed).toBe(true);
  });

  it("[M18] counts from the last whole packet of any kind", () => {
    const harness = new Harness();
    const peer = harness.connect({ keepAliveSeconds: 2 });
    for (let round = 0; round < 10; round += 1) {
      harness.advance(2_500);
      if (round % 2 === 0) peer.send(wire`c0 00`);
      else peer.publish("t", "x");
      expect(peer.isClosed).toBe(false);
    }
    harness.advance(4_000);
    expect(peer.isClosed).toBe(true);
  });

  it("[F16] [M18] [A08] bytes of an unfinished packet do not count, and memory follows the bytes", () => {
    const harness = new Harness();
    const peer = harness.connect({ keepAliveSeconds: 1 });
    peer.send(wire`30 ff ff 3e`);
    let sent = 4;
    while (!peer.isClosed && sent < 100) {
      harness.advance(250);
      peer.send(wire`61`);
      sent += 1;
      expect(peer.connection.reader.bufferedBytes).toBeLessThanOrEqual(sent);
    }
    expect(sent).toBeLessThanOrEqual(4 + 8);
    expect(harness.closes).toMatchObject([{ reason: "keep-alive" }]);
  });

  it("0 means never", () => {
    const harness = new Harness();
    const peer = harness.connect({ keepAliveSeconds: 0 });
    for (let day = 0; day < 10; day += 1) {
      harness.nowMs += 86_400_000;
      harness.broker.tick(harness.nowMs);
    }
    expect(peer.isClosed).toBe(false);
  });

  it("[B22] has a cap where configuration sets one: at it and one past it, and for never", () => {
    for (const [asked, capSeconds] of [
      [10, 10],
      [11, 10],
      [0, 10],
      [3, 3],
    ] as const) {
      const harness = new Harness({ limits: { keepAliveSecondsMax: 10 } });
      const peer = harness.connect({ keepAliveSeconds: asked });
      const afterMs = closedAfterMs(harness, peer, 20_000) ?? 0;
      expect(Math.floor(afterMs / 1_500)).toBe(capSeconds);
    }
  });

  it("[B22] may be refused where it is longer than configuration allows, never included", () => {
    for (const [asked, returnCode] of [
      [10, 0],
      [11, 2],
      [0, 2],
      [1, 0],
    ] as const) {
      const limits = { keepAliveSecondsMax: 10 };
      const harness = new Harness({ limits, keepAlivePolicy: "refuse" });
      const peer = harness.open();
      peer.send(connectPacket({ keepAliveSeconds: asked }));
      expect(peer.packets()).toMatchObject([{ type: PacketType.CONNACK, returnCode }]);
      expect(peer.isClosed).toBe(returnCode !== 0);
    }
    const unbounded = new Harness({ keepAlivePolicy: "refuse" });
    expect(unbounded.connect({ keepAliveSeconds: 0 }).isClosed).toBe(false);
  });

  it("[T6] many silent ones with Wills are closed in slices, each of a bounded size", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 100 } });
    const watcher = harness.connect({ clientId: "w" });
    watcher.subscribe("will");
    for (let at = 0; at < 60; at += 1) {
      const will = { topicName: "will" };
      harness.connect({ clientId: `${at}`, keepAliveSeconds: 1, will });
    }
    harness.nowMs += 5_000;
    const closed = slices(harness, () => harness.closes.length);
    harness.broker.flush();
    expect(Math.max(...closed)).toBeLessThanOrEqual(2 * 5); // at 20 units each, in two turns
    expect(harness.closes).toHaveLength(60);
    expect(watcher.payloads()).toHaveLength(60);
  });

  it("[M18] one that sends something between two slices is not silent", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 20 } });
    const peers = Array.from({ length: 10 }, (_, at) =>
      harness.connect({ clientId: `${at}`, keepAliveSeconds: 1 }),
    );
    harness.nowMs += 5_000;
    harness.broker.tick(harness.nowMs);
    const open = peers.filter(({ isClosed }) => !isClosed);
    const late = open.find((peer) => peer.connection.wheelSlot === -1) as Peer;
    late.send({ type: PacketType.PINGREQ });
    harness.work();
    expect(late.isClosed).toBe(false);
    harness.advance(1_000);
    expect(peers.filter(({ isClosed }) => !isClosed)).toEqual([late]);
    harness.advance(2_000);
    expect(late.isClosed).toBe(true);
  });

  it("[I13] three thousand Clients cost a tick only what is due", () => {
    const harness = new Harness();
    const peers = Array.from({ length: 3_000 }, (_, at) =>
      harness.connect({ clientId: `${at}`, keepAliveSeconds: 1 + (at % 60) }),
    );
    harness.advance(2_500);
    const closed = peers.filter(({ isClosed }) => isClosed).length;
    expect(closed).toBe(Math.ceil(3_000 / 60));
    harness.advance(100_000);
    expect(harness.broker.stats.connections).toBe(0);
  });
});

describe("a connection that does not come to CONNECT", () => {
  it("[M19] [I01] is closed after 10 s in total", () => {
    const harness = new Harness();
    const peer = harness.open();
    harness.advance(9_750);
    expect(peer.isClosed).toBe(false);
    harness.advance(1_000);
    expect(peer.isClosed).toBe(true);
    expect(harness.closes).toMatchObject([{ reason: "connect-timeout", clientId: undefined }]);
    expect(peer.bytes()).toHaveLength(0);
  });

  it("[M19] [I02] trickled bytes do not extend it", () => {
    const harness = new Harness();
    const peer = harness.open();
    const bytes = wire`10 0d 0004 4d515454 04 02 0000 0001 61`;
    let at = 0;
    for (; at < bytes.length && !peer.isClosed; at += 1) {
      peer.send(bytes.subarray(at, at + 1));
      harness.advance(1_000);
    }
    expect(at).toBeLessThanOrEqual(11);
    expect(peer.isClosed).toBe(true);
  });

  it("[M19] the limit is over once CONNECT has come", () => {
    const harness = new Harness();
    const peer = harness.connect();
    harness.advance(60_000);
    expect(peer.isClosed).toBe(false);
  });

  it("[I01] twenty thousand that say nothing are all gone, and the next is served", () => {
    const harness = new Harness();
    for (let at = 0; at < 20_000; at += 1) harness.open();
    expect(harness.broker.stats.connections).toBe(20_000);
    harness.advance(11_000);
    expect(harness.broker.stats.connections).toBe(0);
    expect(harness.broker.stats.closes.get("connect-timeout")).toBe(20_000);
    harness.connect();
  });

  it("[I03] at the bound of connections one is accepted, one past it closed before it is read", () => {
    const harness = new Harness({ limits: { connectionsMax: 2 } });
    const first = harness.open();
    harness.connect({ clientId: "b" });
    const third = harness.open();
    expect(third.isClosed).toBe(true);
    third.send(connectPacket());
    expect(third.bytes()).toHaveLength(0);
    expect(harness.closes).toMatchObject([{ reason: "too-many-connections" }]);
    expect(first.isClosed).toBe(false);
    first.cut();
    harness.connect({ clientId: "c" });
    expect(harness.broker.stats.connections).toBe(2);
  });
});

describe("Sessions nobody comes back to", () => {
  it("[F12] end after their time, every drop counted", () => {
    const harness = new Harness({ limits: { sessionExpiryMs: 60_000 } });
    const peer = harness.connect({ clientId: "a", cleanSession: false });
    peer.subscribe(["t", 1]);
    peer.cut();
    harness.connect({ clientId: "S" }).publish("t", "x", { qos: 1 });
    harness.advance(59_750);
    expect(harness.broker.gauges.sessions).toBe(2);
    harness.advance(500);
    expect(harness.broker.gauges).toMatchObject({
      sessions: 1,
      offlineSessions: 0,
      subscriptions: 0,
    });
    expect(harness.drops).toEqual([{ reason: "session-ended", topicName: "t", receiverId: "a" }]);
    expect(harness.connect({ clientId: "a", cleanSession: false }).sessionPresent).toBe(false);
  });

  it("[F12] the time starts again with each visit, and does not run while connected", () => {
    const harness = new Harness({ limits: { sessionExpiryMs: 10_000 } });
    const options = { clientId: "a", cleanSession: false };
    harness.connect(options).cut();
    harness.advance(9_000);
    const visit = harness.connect(options);
    expect(visit.sessionPresent).toBe(true);
    harness.advance(60_000);
    visit.cut();
    harness.advance(9_000);
    expect(harness.connect(options).sessionPresent).toBe(true);
  });

  it("[F12] at the bound of offline ones all are kept, one past it the longest offline goes", () => {
    const harness = new Harness({ limits: { offlineSessionsMax: 3 } });
    for (const clientId of ["1", "2", "3"]) {
      harness.connect({ clientId, cleanSession: false }).cut();
      harness.advance(250);
    }
    harness.connect({ clientId: "1", cleanSession: false }).cut(); // now "2" is the longest offline
    harness.advance(250);
    expect(harness.broker.gauges.offlineSessions).toBe(3);
    harness.connect({ clientId: "4", cleanSession: false }).cut();
    harness.advance(250);
    expect(harness.broker.gauges.offlineSessions).toBe(3);
    const present = ["1", "2", "3", "4"].map(
      (clientId) => harness.connect({ clientId, cleanSession: false }).sessionPresent,
    );
    expect(present).toEqual([true, false, true, true]);
  });

  it("[F12] many at once are ended in slices, so that a tick stays short", () => {
    const harness = new Harness({ limits: { sessionExpiryMs: 1_000, workPerTurnMax: 110 } });
    for (let at = 0; at < 100; at += 1) {
      harness.connect({ clientId: `${at}`, cleanSession: false }).cut();
    }
    harness.work();
    harness.nowMs += 2_000;
    const ended = slices(harness, () => harness.broker.stats.sessionsExpired);
    expect(Math.max(...ended)).toBeLessThanOrEqual(2 * (110 / 11)); // a tick is two turns
    expect(harness.broker.gauges.offlineSessions).toBe(0);
  });

  it("[F12] [T2] those with many Subscriptions too: each slice is short, none is left", () => {
    const limits = { sessionExpiryMs: 1_000, workPerTurnMax: 40 };
    const harness = new Harness({ limits });
    for (let at = 0; at < 5; at += 1) {
      const peer = harness.connect({ clientId: `${at}`, cleanSession: false });
      peer.subscribe(...Array.from({ length: 100 }, (_, filter) => `${at}/${filter}`));
      peer.cut();
    }
    harness.work();
    harness.nowMs += 2_000;
    const ended = slices(harness, () => -harness.broker.gauges.subscriptions);
    expect(Math.max(...ended)).toBeLessThanOrEqual(2 * (40 / 4 + 16)); // a tick is two turns
    expect(harness.broker.gauges).toMatchObject({ offlineSessions: 0, subscriptions: 0 });
  });

  it("[F12] one that comes back between two slices is kept", () => {
    const harness = new Harness({ limits: { sessionExpiryMs: 1_000, workPerTurnMax: 11 } });
    const options = (at: number) => ({ clientId: `${at}`, cleanSession: false });
    for (let at = 0; at < 10; at += 1) harness.connect(options(at)).cut();
    harness.work();
    harness.nowMs += 2_000;
    harness.broker.tick(harness.nowMs);
    const late = harness.connect(options(9));
    harness.work();
    expect(late.sessionPresent).toBe(true);
    expect(harness.broker.gauges).toMatchObject({ sessions: 1, offlineSessions: 0 });
  });
});

describe("point-to-point messages nobody comes for", () => {
  it("[P9] are found in a thousand queues and inboxes in turn", () => {
    const harness = new Harness({
      limits: { pointToPointAgeMs: 1_000 },
      pointToPoint: { offline: "both" },
    });
    const sender = harness.connect({ clientId: "S", cleanSession: false });
    for (let at = 0; at < 2_500; at += 1) {
      if (at % 2 === 0) harness.connect({ clientId: `${at}`, cleanSession: false }).cut();
      sender.publish(`x/p2p/${at}`, "x", { qos: 1 });
    }
    expect(harness.broker.stats.pointToPointKept).toBe(2_500);
    expect(harness.broker.gauges.inboxes).toBe(1_250);
    harness.advance(2_000);
    expect(harness.broker.stats.pointToPointKept).toBe(0);
    expect(harness.broker.gauges.inboxes).toBe(0);
    expect(harness.dropCount("expired")).toBe(2_500);
    expect(new Set(harness.drops.map(({ receiverId }) => receiverId)).size).toBe(2_500);
  });

  it("[P9] [J11] of long queues are dropped in slices, so that a tick stays short", () => {
    const limits = { pointToPointAgeMs: 1_000, sessionExpiryMs: 100_000 };
    const harness = new Harness({ limits, pointToPoint: { offline: "both" } });
    const sender = harness.connect({ clientId: "S", cleanSession: false });
    for (let at = 0; at < 14; at += 1) {
      if (at < 7) harness.connect({ clientId: `${at}`, cleanSession: false }).cut();
      for (let n = 0; n < 1_000; n += 1) sender.publish(`x/p2p/${at}`, "x", { qos: 1 });
    }
    harness.nowMs += 2_000;
    const dropped = slices(harness, () => harness.dropCount("expired"));
    // What a turn may do and the last queue, twice in a tick.
    expect(Math.max(...dropped)).toBeLessThanOrEqual(2 * 3_000);
    expect(harness.dropCount("expired")).toBe(14_000);
  });

  it("[F12] Sessions with long queues end in slices too", () => {
    const harness = new Harness({ limits: { sessionExpiryMs: 1_000 } });
    const sender = harness.connect({ clientId: "S", cleanSession: false });
    for (let at = 0; at < 7; at += 1) {
      harness.connect({ clientId: `${at}`, cleanSession: false }).cut();
      for (let n = 0; n < 1_000; n += 1) sender.publish(`x/p2p/${at}`, "x", { qos: 1 });
    }
    harness.nowMs += 2_000;
    const dropped = slices(harness, () => harness.dropCount("session-ended"));
    expect(Math.max(...dropped)).toBeLessThanOrEqual(2 * 3_000);
    expect(harness.broker.gauges.offlineSessions).toBe(0);
  });

  it("[P9] [J11] that an earlier run left are counted, and dropped in their time, unasked", () => {
    const backend = new MemoryBackend();
    const limits = { pointToPointAgeMs: 1_000 };
    const first = new Harness({ store: memoryStore(backend), limits });
    first.connect({ clientId: "a", cleanSession: false }).cut();
    const sender = first.connect({ clientId: "S" });
    for (const payload of ["1", "2", "3"]) sender.publish("x/p2p/a", payload, { qos: 1 });
    const second = new Harness({ store: memoryStore(backend), limits });
    second.broker.restore(first.nowMs);
    expect(second.broker.stats.pointToPointKept).toBe(0);
    second.advance(250);
    expect(second.broker.stats.pointToPointKept).toBe(3);
    second.advance(2_000);
    expect(second.broker.stats.pointToPointKept).toBe(0);
    expect(second.dropCount("expired")).toBe(3);
  });

  it("[P9] [M17] ordinary messages in the same queue do not age", () => {
    const harness = new Harness({ limits: { pointToPointAgeMs: 1_000 } });
    const peer = harness.connect({ clientId: "a", cleanSession: false });
    peer.subscribe(["t", 1]);
    peer.cut();
    const sender = harness.connect({ clientId: "S" });
    for (const topicName of ["t", "x/p2p/a", "t", "x/p2p/a"]) {
      sender.publish(topicName, "x", { qos: 1 });
    }
    harness.advance(5_000);
    const again = harness.connect({ clientId: "a", cleanSession: false });
    expect(again.acknowledgeAll().map(({ topicName }) => topicName)).toEqual(["t", "t"]);
    expect(harness.dropCount("expired")).toBe(2);
  });

  it("[P9] what is in flight does not age", () => {
    const harness = new Harness({ limits: { pointToPointAgeMs: 1_000 } });
    const peer = harness.connect({ clientId: "a", cleanSession: false });
    peer.send(publishPacket("x/p2p/a", "x", { qos: 1 }));
    peer.cut();
    harness.advance(5_000);
    const again = harness.connect({ clientId: "a", cleanSession: false });
    expect(again.packets()).toMatchObject([{ type: PacketType.PUBLISH, dup: true }]);
    expect(harness.drops).toEqual([]);
  });
});
