import { describe, expect, it } from "vitest";
import type { QoS } from "../../src/engine.js";
import { type ConnectOptions, Harness, type Peer, publishPacket } from "../support/harness.js";

const SHARE = "$share/g/t";

function member(
  harness: Harness,
  clientId: string,
  qos: QoS = 2,
  options: ConnectOptions = {},
): Peer {
  const peer = harness.connect({ clientId, ...options });
  peer.subscribe([SHARE, qos]);
  return peer;
}

function durable(harness: Harness, clientId: string, qos: QoS = 2): Peer {
  return member(harness, clientId, qos, { cleanSession: false });
}

/** Publishes `count` messages, numbered from `from` on. */
function send(publisher: Peer, count: number, qos: QoS = 0, from = 1): void {
  for (let at = from; at < from + count; at += 1) {
    publisher.publish("t", `${at}`, { qos, packetId: at });
  }
}

describe("[M30] a message to a share", () => {
  it("goes to one member, in turn, and to whoever subscribed by itself as well", () => {
    const harness = new Harness();
    const members = ["a", "b", "c"].map((name) => member(harness, name));
    const watcher = harness.connect({ clientId: "watcher" });
    watcher.subscribe("t", "#");
    send(harness.connect({ clientId: "p" }), 7);
    expect(members.map((peer) => peer.payloads())).toEqual([
      ["1", "4", "7"],
      ["2", "5"],
      ["3", "6"],
    ]);
    expect(watcher.payloads()).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  });

  it("two groups get a copy each, as does a group of the same name with another filter", () => {
    const harness = new Harness();
    const peers = ["$share/g/t", "$share/h/t", "$share/g/+"].map((filter, at) => {
      const peer = harness.connect({ clientId: `c${at}` });
      peer.subscribe(filter);
      return peer;
    });
    send(harness.connect({ clientId: "p" }), 2);
    for (const peer of peers) expect(peer.payloads()).toEqual(["1", "2"]);
  });

  it("a Client with a shared and an ordinary Subscription gets a copy for each", () => {
    const harness = new Harness();
    const peer = member(harness, "a");
    peer.subscribe("t", "#");
    send(harness.connect({ clientId: "p" }), 1);
    expect(peer.payloads()).toEqual(["1", "1"]);
  });

  it("the publisher may be a member itself", () => {
    const harness = new Harness();
    const peer = member(harness, "a");
    send(peer, 2);
    expect(peer.payloads()).toEqual(["1", "2"]);
  });

  it("[MQTT-3.8.4-6] has the lower of the published QoS and the one granted to that member", () => {
    const harness = new Harness();
    const peers = ([0, 1, 2] as const).map((qos) => member(harness, `c${qos}`, qos));
    const publisher = harness.connect({ clientId: "p" });
    send(publisher, 3, 2);
    send(publisher, 3, 1, 4);
    expect(peers.map((peer) => peer.publishes().map(({ qos }) => qos))).toEqual([
      [0, 0],
      [1, 1],
      [2, 1],
    ]);
  });

  it("[MQTT-3.8.4-3] whoever asks again stays one member, with its new QoS", () => {
    const harness = new Harness();
    const a = member(harness, "a", 0);
    const b = member(harness, "b", 0);
    expect(a.subscribe([SHARE, 1])).toEqual([1]);
    send(harness.connect({ clientId: "p" }), 2, 1);
    expect(a.publishes()).toMatchObject([{ qos: 1 }]);
    expect(b.publishes()).toMatchObject([{ qos: 0 }]);
    expect(harness.broker.gauges.subscriptions).toBe(2);
  });

  it("is chosen anew for each message although the route is remembered", () => {
    const harness = new Harness();
    const a = member(harness, "a");
    const publisher = harness.connect({ clientId: "p" });
    send(publisher, 2);
    const b = member(harness, "b");
    send(publisher, 2, 0, 3);
    a.disconnect();
    send(publisher, 2, 0, 5);
    b.unsubscribe(SHARE);
    send(publisher, 1, 0, 7);
    const got = [...a.payloads(), ...b.payloads()].sort();
    expect(got).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("[MQTT-4.7.2-1] # in a share does not match $ topics; a filter that begins with one does", () => {
    const harness = new Harness();
    const peer = harness.connect();
    expect(peer.subscribe("$share/g/#", "$share/g/+/x", "$share/h/$SYS/#")).toEqual([0, 0, 0]);
    const payload = new Uint8Array([0x61]);
    harness.broker.publish({ topicName: "$SYS/x", payload, qos: 0, retain: false }, harness.nowMs);
    harness.broker.flush();
    expect(peer.payloads()).toEqual(["a"]);
  });

  it("[P3] [P4] point-to-point topics never reach one", () => {
    const harness = new Harness();
    const spy = harness.connect({ clientId: "spy" });
    const filters = ["$share/g/+/p2p/+", "$share/g/#", "$share/g/x/p2p/spy", "$share/g/x/p2p/"];
    expect(spy.subscribe(...filters)).toEqual([0, 0, 0, 0]);
    expect(spy.subscribe("$share/g/x/p2p/victim")).toEqual([0x80]);
    const victim = harness.connect({ clientId: "victim" });
    const publisher = harness.connect({ clientId: "p" });
    publisher.publish("x/p2p/victim", "secret");
    publisher.publish("x/p2p/spy", "own");
    expect(victim.payloads()).toEqual(["secret"]);
    expect(spy.payloads()).toEqual(["own"]);
    spy.unsubscribe(...filters);
    expect(harness.broker.gauges.subscriptions).toBe(0);
  });

  it("[P3] the mirror shows it to a share as to others", () => {
    const harness = new Harness({ pointToPoint: { mirror: true } });
    const auditors = ["a", "b"].map((clientId) => {
      const peer = harness.connect({ clientId });
      peer.subscribe("$share/audit/#");
      return peer;
    });
    harness.connect({ clientId: "p" }).publish("x/p2p/nobody", "seen");
    expect(auditors.flatMap((peer) => peer.payloads())).toEqual(["seen"]);
  });
});

describe("[M30] members that do not take messages", () => {
  it("[M24] at QoS 0 nothing is given to a stalled member while another one reads", () => {
    const harness = new Harness({ limits: { outboundBytesMax: 64 } });
    const stalled = member(harness, "stalled");
    const reader = member(harness, "reader");
    stalled.link.frozen = true;
    const publisher = harness.connect({ clientId: "p" });
    send(publisher, 100);
    // What it was given before anybody could know, not more: once it has not taken something.
    expect(reader.payloads()).toHaveLength(99);
    expect(harness.drops).toEqual([]);
    stalled.link.frozen = false;
    stalled.take();
    expect(stalled.payloads()).toHaveLength(1);
    send(publisher, 2);
    expect([stalled.payloads().length, reader.payloads().length]).toEqual([1, 1]);
  });

  it("[M24] when all are stalled QoS 0 is written while there is room, then dropped", () => {
    const harness = new Harness({ limits: { outboundBytesMax: 64 } });
    const peers = ["a", "b"].map((name) => member(harness, name));
    for (const { link } of peers) link.frozen = true;
    send(harness.connect({ clientId: "p" }), 100);
    const dropped = harness.dropCount("slow-receiver");
    for (const peer of peers) {
      peer.link.frozen = false;
      peer.take();
    }
    const counts = peers.map((peer) => peer.payloads().length);
    expect((counts[0] as number) + (counts[1] as number) + dropped).toBe(100);
    expect(Math.abs((counts[0] as number) - (counts[1] as number))).toBeLessThanOrEqual(1);
  });

  it("[M16] who has a full window is passed over while others have room", () => {
    const harness = new Harness({ limits: { inFlightMax: 2 } });
    const silent = member(harness, "silent", 1);
    const busy = member(harness, "busy", 1);
    const publisher = harness.connect({ clientId: "p" });
    for (let at = 1; at <= 20; at += 1) {
      send(publisher, 1, 1, at);
      busy.acknowledgeAll();
    }
    expect(silent.publishes()).toHaveLength(2);
    expect(silent.connection.session?.outbound.queuedCount).toBe(0);
  });

  it("[M17] when all windows are full the shortest queue takes it, and nothing is dropped before all are full", () => {
    const harness = new Harness({
      limits: { inFlightMax: 1, queueMessagesMax: 5, burstMessagesMax: 0 },
    });
    const first = member(harness, "first", 1);
    const publisher = harness.connect({ clientId: "p" });
    send(publisher, 5, 1); // 1 in flight, 4 queued
    const second = member(harness, "second", 1);
    send(publisher, 7, 1, 6); // 1 in flight, then up to five queued each
    expect(harness.drops).toEqual([]);
    const queued = [first, second].map((peer) => peer.connection.session?.outbound.queuedCount);
    expect(queued).toEqual([5, 5]);
    send(publisher, 1, 1, 13);
    expect(harness.drops).toMatchObject([{ reason: "queue-full" }]);
    const got = [first, second].flatMap((peer) => peer.acknowledgeAll());
    expect(got).toHaveLength(12);
  });

  it("[M17] a full queue of bytes counts like a full one of messages", () => {
    const harness = new Harness({
      limits: { inFlightMax: 1, queueBytesMax: 100, burstMessagesMax: 0 },
    });
    const first = member(harness, "first", 1);
    const publisher = harness.connect({ clientId: "p" });
    publisher.publish("t", "in flight", { qos: 1 });
    publisher.publish("t", "x".repeat(90), { qos: 1 });
    const second = member(harness, "second", 1);
    for (let at = 0; at < 4; at += 1) publisher.publish("t", "y".repeat(20), { qos: 1 });
    expect(second.connection.session?.outbound.queuedCount).toBe(3);
    expect(first.connection.session?.outbound.queuedCount).toBe(1);
    expect(harness.drops).toEqual([]);
  });

  it("[M24] a short wait behind others is better than a place with one that takes nothing", () => {
    const harness = new Harness({ limits: { outboundBytesMax: 20, inFlightMax: 3 } });
    const busy = member(harness, "busy", 1);
    const stalled = member(harness, "stalled", 1);
    stalled.link.frozen = true;
    const publisher = harness.connect({ clientId: "p" });
    publisher.publish("t", "seen", { qos: 1 });
    publisher.publish("t", "x".repeat(30), { qos: 1 }); // to the stalled one
    send(publisher, 10, 1);
    expect(stalled.connection.session?.outbound).toMatchObject({
      inFlightCount: 1,
      queuedCount: 0,
    });
    expect(busy.acknowledgeAll()).toHaveLength(11);
  });

  it("[M17] [M24] one that is stalled with a full queue comes after one that is only stalled", () => {
    const harness = new Harness({
      limits: { outboundBytesMax: 20, queueMessagesMax: 2, burstMessagesMax: 0 },
    });
    const full = member(harness, "full", 1);
    full.link.frozen = true;
    const publisher = harness.connect({ clientId: "p" });
    send(publisher, 6, 1);
    expect(full.connection.session?.outbound.queuedCount).toBe(2);
    const before = harness.drops.length;
    const other = member(harness, "other", 1);
    other.link.frozen = true;
    send(publisher, 3, 1, 7);
    expect(harness.drops).toHaveLength(before);
    other.link.frozen = false;
    other.take();
    expect(other.acknowledgeAll()).toHaveLength(3);
  });
});

describe("[M30] when a member's Session ends", () => {
  it.each(["cut", "disconnect"] as const)(
    "by %s, what it has not acknowledged goes to the others, in order and without DUP",
    (how) => {
      const harness = new Harness({ limits: { inFlightMax: 2 } });
      const leaver = member(harness, "leaver", 1);
      const publisher = harness.connect({ clientId: "p" });
      send(publisher, 5, 1);
      const [first] = leaver.publishes();
      leaver.puback(first?.packetId ?? 0);
      const heir = member(harness, "heir", 1);
      leaver[how]();
      const got = heir.acknowledgeAll();
      expect(got.map(({ payload }) => new TextDecoder().decode(payload))).toEqual([
        "2",
        "3",
        "4",
        "5",
      ]);
      expect(got.every(({ dup, retain }) => !dup && !retain)).toBe(true);
      expect(harness.drops).toEqual([]);
    },
  );

  it("several heirs take turns", () => {
    const harness = new Harness();
    const leaver = member(harness, "leaver", 1);
    send(harness.connect({ clientId: "p" }), 4, 1);
    const heirs = ["x", "y"].map((name) => member(harness, name, 1));
    leaver.cut();
    expect(heirs.map((peer) => peer.payloads())).toEqual([
      ["1", "3"],
      ["2", "4"],
    ]);
  });

  it("[MQTT-4.3.3-1] at QoS 2, what is behind PUBREC is done: it is not sent to anybody else", () => {
    const harness = new Harness();
    const leaver = member(harness, "leaver", 2);
    send(harness.connect({ clientId: "p" }), 2, 2);
    const [first] = leaver.publishes();
    leaver.pubrec(first?.packetId ?? 0);
    const heir = member(harness, "heir", 2);
    leaver.cut();
    const got = heir.publishes();
    expect(got).toMatchObject([{ qos: 2, dup: false }]);
    expect(new TextDecoder().decode(got[0]?.payload)).toBe("2");
  });

  it("[MQTT-3.8.4-6] the heir gets it at the lower of the published QoS and its own", () => {
    const harness = new Harness();
    const leaver = member(harness, "leaver", 1);
    send(harness.connect({ clientId: "p" }), 2, 2);
    expect(leaver.publishes()).toMatchObject([{ qos: 1 }, { qos: 1 }]);
    const heirs = [member(harness, "x", 2), member(harness, "y", 0)];
    leaver.cut();
    expect(heirs.map((peer) => peer.publishes().map(({ qos }) => qos))).toEqual([[2], [0]]);
  });

  it("ordinary messages of the same Session are not passed on", () => {
    const harness = new Harness();
    const leaver = harness.connect({ clientId: "leaver" });
    leaver.subscribe([SHARE, 1], ["other", 1]);
    const publisher = harness.connect({ clientId: "p" });
    publisher.publish("other", "mine", { qos: 1 });
    publisher.publish("t", "ours", { qos: 1 });
    const heir = member(harness, "heir", 1);
    heir.subscribe(["other", 1]);
    leaver.cut();
    expect(heir.payloads()).toEqual(["ours"]);
    expect(harness.drops).toEqual([
      { reason: "session-ended", topicName: "other", receiverId: "leaver" },
    ]);
  });

  it("with nobody left it is dropped and counted", () => {
    const harness = new Harness();
    const leaver = member(harness, "leaver", 1);
    send(harness.connect({ clientId: "p" }), 2, 1);
    leaver.cut();
    expect(harness.drops).toMatchObject([
      { reason: "session-ended", receiverId: "leaver" },
      { reason: "session-ended", receiverId: "leaver" },
    ]);
    expect(harness.broker.gauges.subscriptions).toBe(0);
  });

  it("a message it got by a share it has left since goes to the members there are", () => {
    const harness = new Harness();
    const leaver = member(harness, "leaver", 1);
    send(harness.connect({ clientId: "p" }), 1, 1);
    leaver.unsubscribe(SHARE);
    const heir = member(harness, "heir", 1);
    leaver.cut();
    expect(heir.payloads()).toEqual(["1"]);
  });

  it("[M1] [MQTT-3.1.4-2] a take-over by the same Client, clean again, passes it on as well", () => {
    const harness = new Harness();
    member(harness, "twice", 1);
    send(harness.connect({ clientId: "p" }), 1, 1);
    const heir = member(harness, "heir", 1);
    const again = harness.connect({ clientId: "twice" });
    expect(heir.payloads()).toEqual(["1"]);
    expect(again.payloads()).toEqual([]);
  });

  it("a kicked member's messages go to others, too", () => {
    const harness = new Harness();
    member(harness, "kicked", 1);
    send(harness.connect({ clientId: "p" }), 1, 1);
    const heir = member(harness, "heir", 1);
    harness.broker.disconnect("kicked", harness.nowMs);
    harness.broker.flush();
    expect(heir.payloads()).toEqual(["1"]);
  });

  it("[M2] its Will goes to a member that is left", () => {
    const harness = new Harness();
    const [one, two] = ["x", "y"].map((name) =>
      member(harness, name, 1, { will: { topicName: "t", qos: 1 } }),
    ) as [Peer, Peer];
    one.cut();
    expect(two.publishes()).toHaveLength(1);
  });

  it("[F08] when all end in one turn nothing is passed round among them", () => {
    const harness = new Harness();
    const peers = ["a", "b", "c"].map((name) => member(harness, name, 1));
    send(harness.connect({ clientId: "p" }), 9, 1);
    for (const peer of peers) expect(peer.publishes()).toHaveLength(3);
    harness.broker.close(harness.nowMs);
    expect(harness.dropCount("session-ended")).toBe(9);
    for (const peer of peers) expect(peer.publishes()).toEqual([]);
  });

  it("[F08] a message that comes when all members left are ending is dropped, counted once", () => {
    const harness = new Harness();
    const peer = member(harness, "a", 1, { will: { topicName: "u" } }); // ends in the same turn
    const dying = harness.connect({ clientId: "w", will: { topicName: "t", qos: 1 } });
    harness.broker.close(harness.nowMs);
    expect(peer.publishes().length + harness.dropCount("session-ended")).toBe(1);
    expect(dying.isClosed).toBe(true);
  });
});

describe("[M30] members with a Session that stays", () => {
  it("offline ones count only while nobody is connected; then one of them keeps the message", () => {
    const harness = new Harness();
    const names = ["x", "y"];
    for (const name of names) durable(harness, name, 1).cut();
    const online = member(harness, "online", 1);
    const publisher = harness.connect({ clientId: "p" });
    send(publisher, 3, 1);
    expect(online.acknowledgeAll()).toHaveLength(3);
    online.disconnect();
    send(publisher, 4, 1, 4);
    const got = names.map((clientId) =>
      harness.connect({ clientId, cleanSession: false }).payloads(),
    );
    expect(got).toEqual([
      ["4", "6"],
      ["5", "7"],
    ]);
  });

  it("[MQTT-4.4.0-1] what was in flight when it was cut stays with its Session, and is sent again with DUP", () => {
    const harness = new Harness();
    const peer = durable(harness, "kept", 1);
    const other = member(harness, "other", 1);
    send(harness.connect({ clientId: "p" }), 2, 1);
    peer.cut();
    expect(other.payloads()).toEqual(["2"]);
    const again = harness.connect({ clientId: "kept", cleanSession: false });
    expect(again.publishes()).toMatchObject([{ dup: true }]);
    expect(other.payloads()).toEqual([]);
  });

  it("[MQTT-3.1.2-6] [M25] when such a Session is ended by a clean CONNECT, others get what it had", () => {
    const harness = new Harness();
    durable(harness, "kept", 1).cut();
    send(harness.connect({ clientId: "p" }), 2, 1);
    const heir = member(harness, "heir", 1);
    harness.connect({ clientId: "kept", cleanSession: true });
    expect(heir.payloads()).toEqual(["1", "2"]);
  });

  it("[F12] when it ends for its age, others get what it had, online or not", () => {
    const harness = new Harness({ limits: { sessionExpiryMs: 5_000 } });
    durable(harness, "old", 1).cut();
    send(harness.connect({ clientId: "p" }), 2, 1);
    harness.advance(3_000);
    durable(harness, "young", 1).cut();
    harness.advance(3_000);
    expect(harness.broker.gauges.offlineSessions).toBe(1);
    expect(harness.connect({ clientId: "young", cleanSession: false }).payloads()).toEqual([
      "1",
      "2",
    ]);
    expect(harness.drops).toEqual([]);
  });

  it("[M17] QoS 0 that waits for it when it is cut goes to a connected one, or is dropped", () => {
    const harness = new Harness({ limits: { inFlightMax: 1 } });
    const peer = durable(harness, "kept", 1);
    const publisher = harness.connect({ clientId: "p" });
    send(publisher, 2, 1); // one in flight, one queued
    publisher.publish("t", "zero");
    const heir = member(harness, "heir", 1);
    peer.cut();
    expect(heir.payloads()).toEqual(["zero"]);
    heir.disconnect();
    const back = harness.connect({ clientId: "kept", cleanSession: false });
    publisher.publish("t", "zero");
    back.cut();
    expect(harness.drops).toMatchObject([{ reason: "offline-qos-0", receiverId: "kept" }]);
  });

  it("[M17] QoS 0 with nobody connected is dropped, once", () => {
    const harness = new Harness();
    for (const name of ["x", "y"]) durable(harness, name, 1).cut();
    send(harness.connect({ clientId: "p" }), 1);
    expect(harness.drops).toMatchObject([{ reason: "offline-qos-0" }]);
  });

  it("[M17] one whose queue is full, or that was granted QoS 0, leaves it to one that can keep it", () => {
    const harness = new Harness({ limits: { queueMessagesMax: 2 } });
    durable(harness, "zero", 0).cut();
    durable(harness, "one", 1).cut();
    durable(harness, "two", 1).cut();
    send(harness.connect({ clientId: "p" }), 4, 1);
    expect(harness.drops).toEqual([]);
    send(harness.connect({ clientId: "p" }), 1, 1, 5);
    expect(harness.drops).toHaveLength(1);
  });

  it("resuming keeps membership; UNSUBSCRIBE by the same filter ends it", () => {
    const harness = new Harness();
    durable(harness, "kept", 1).cut();
    const again = harness.connect({ clientId: "kept", cleanSession: false });
    const publisher = harness.connect({ clientId: "p" });
    send(publisher, 1, 1);
    expect(again.payloads()).toEqual(["1"]);
    again.unsubscribe("t", "$share/h/t", "$share/g/+");
    expect(harness.broker.gauges.subscriptions).toBe(1);
    again.unsubscribe(SHARE);
    expect(harness.broker.gauges.subscriptions).toBe(0);
    send(publisher, 1, 1, 2);
    expect(again.payloads()).toEqual([]);
  });

  it("[F15] the policy is asked about the whole filter, again when the Session is resumed", () => {
    const asked: string[] = [];
    let allowed = true;
    const harness = new Harness({
      policy: {
        maySubscribe: (_from, topicFilter) => {
          asked.push(topicFilter);
          return allowed;
        },
      },
    });
    durable(harness, "kept", 1).cut();
    allowed = false;
    harness.connect({ clientId: "kept", cleanSession: false });
    expect(asked).toEqual([SHARE, SHARE]);
    expect(harness.broker.gauges.subscriptions).toBe(0);
    expect(harness.connect({ clientId: "a" }).subscribe(SHARE)).toEqual([0x80]);
  });

  it("[F08] one whose connection ends with this turn keeps it when nobody else is left", () => {
    const harness = new Harness();
    durable(harness, "kept", 1);
    const publisher = harness.connect({ clientId: "p" });
    member(harness, "clean", 1); // the newest is closed first
    send(publisher, 2, 1);
    harness.broker.close(harness.nowMs);
    expect(harness.dropCount("session-ended")).toBe(0);
    const again = harness.connect({ clientId: "kept", cleanSession: false });
    expect(again.payloads()).toEqual(["1", "2"]);
  });
});

describe("[M30] what a share is not", () => {
  it("[M5] no retained messages for one, also when it is granted again", () => {
    const harness = new Harness();
    const publisher = harness.connect({ clientId: "p" });
    publisher.publish("t", "kept", { retain: true });
    const peer = member(harness, "a");
    peer.subscribe([SHARE, 1]);
    expect(peer.packets()).toEqual([]);
    publisher.publish("t", "live", { retain: true });
    expect(peer.publishes()).toMatchObject([{ retain: false }]);
  });

  it("[D11] [D12] a member counts as a Subscription, for its Session and for all", () => {
    const harness = new Harness({ limits: { subscriptionsPerSessionMax: 2, subscriptionsMax: 3 } });
    const a = harness.connect({ clientId: "a" });
    const b = harness.connect({ clientId: "b" });
    expect(a.subscribe("$share/g/t", "$share/h/t", "$share/i/t")).toEqual([0, 0, 0x80]);
    expect(b.subscribe("$share/g/t", "$share/h/t")).toEqual([0, 0x80]);
    expect(harness.broker.gauges.subscriptions).toBe(3);
    a.disconnect();
    expect(harness.broker.gauges.subscriptions).toBe(1);
    expect(b.subscribe("$share/h/t")).toEqual([0]);
  });

  it("[D14] ten thousand members come and go without leaving anything", () => {
    const harness = new Harness();
    for (let at = 0; at < 10_000; at += 1) {
      const peer = member(harness, `c${at % 7}`);
      if (at % 2 === 0) peer.unsubscribe(SHARE);
      peer.disconnect();
    }
    expect(harness.broker.gauges).toMatchObject({ subscriptions: 0, sessions: 0 });
  });
});

describe("[T1] to find a member costs the publisher what it takes", () => {
  const MEMBERS = 40;

  it.each([
    ["away", true],
    ["connected", false],
  ])("[M30] all %s, and all full: a message in each turn, not all at once", (_, isAway) => {
    const limits = { workPerTurnMax: 10, queueMessagesMax: 1, burstMessagesMax: 0, inFlightMax: 1 };
    const harness = new Harness({ limits });
    const members = Array.from({ length: MEMBERS }, (__, at) => durable(harness, `m${at}`, 1));
    if (isAway) for (const peer of members) peer.cut();
    const publisher = harness.connect({ clientId: "p" });
    send(publisher, 2 * MEMBERS, 1);
    harness.work();
    const before = harness.drops.length;
    publisher.send(
      ...Array.from({ length: 5 }, (__, at) =>
        publishPacket("t", "x", { qos: 1, packetId: at + 1 }),
      ),
    );
    const counts = [harness.drops.length - before];
    while (harness.broker.needsWork) {
      harness.broker.work(harness.nowMs);
      counts.push(harness.drops.length - before);
    }
    expect(counts).toEqual([1, 2, 3, 4, 5]);
  });
});
