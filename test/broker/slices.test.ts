import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { Harness, publishPacket, subscribePacket } from "../support/harness.js";

const PINGS = Array.from({ length: 5 }, () => ({ type: PacketType.PINGREQ }) as const);

describe("slices", () => {
  it("[T1] [T9] one call goes on for one of each kind: who has had no turn, who needs more, who is owed", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 1 } });
    const busy = harness.connect({ clientId: "busy" });
    const owed = harness.connect({ clientId: "owed" });
    for (const name of "ab") {
      harness.connect({ clientId: "p" }).publish(name, name, { retain: true });
    }
    owed.subscribe("+");
    const waiting = harness.connect({ clientId: "waiting" });
    harness.work();
    owed.subscribe("+");
    owed.packets();
    busy.send(...PINGS);
    busy.packets();
    harness.broker.isPostponing = true;
    waiting.send(...PINGS);
    harness.broker.isPostponing = false;
    harness.broker.work(harness.nowMs);
    harness.broker.flush();
    const counts = [busy, owed, waiting].map((peer) => peer.packets().length);
    expect(counts).toEqual([1, expect.any(Number), 1]);
    harness.work();
    expect([busy, waiting].map((peer) => peer.packets().length)).toEqual([3, 4]);
    expect(harness.broker.needsWork).toBe(false);
  });

  it("[T9] those who have had no turn are heard in short ones, many in a call: few words wait for no long ones", () => {
    const harness = new Harness();
    const peers = Array.from({ length: 12 }, (_, at) => harness.connect({ clientId: `c${at}` }));
    for (let at = 0; at < 100; at += 1) {
      harness.connect({ clientId: "p" }).publish(`t/${at}`, "x", { retain: true });
    }
    harness.work();
    const subscribe = subscribePacket("#");
    const last = harness.connect({ clientId: "last" });
    harness.broker.isPostponing = true;
    for (const peer of peers) peer.send(subscribe);
    last.send({ type: PacketType.PINGREQ });
    harness.broker.isPostponing = false;
    let calls = 0;
    while (last.packets().length === 0) {
      harness.broker.work(harness.nowMs);
      harness.broker.flush();
      calls += 1;
    }
    expect(calls).toBeLessThanOrEqual(2); // it stood behind twelve
    harness.work();
    for (const peer of peers) expect(peer.packets()).toHaveLength(1 + 100);
  });

  it("[T9] [M5] answers a SUBSCRIBE in a short turn, and owes what is retained", () => {
    const harness = new Harness();
    for (let at = 0; at < 100; at += 1) {
      harness.connect({ clientId: "p" }).publish(`t/${at}`, "x", { retain: true });
    }
    harness.work();
    const peers = Array.from({ length: 12 }, (_, at) => harness.connect({ clientId: `c${at}` }));
    harness.broker.isPostponing = true;
    for (const peer of peers) peer.send(subscribePacket("#"));
    harness.broker.isPostponing = false;
    let turns = 0;
    harness.broker.work(harness.nowMs, () => {
      turns += 1;
      return true;
    });
    harness.broker.flush();
    expect(turns).toBe(1);
    for (const peer of peers) {
      expect(peer.packets().map(({ type }) => type)).toEqual([PacketType.SUBACK]);
    }
    harness.work();
    for (const peer of peers) expect(peer.packets()).toHaveLength(100);
  });

  it("[T1] [T9] stops after the turn that made it late, and goes on with the next kind", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 1 } });
    const busy = harness.connect({ clientId: "busy" });
    const owed = harness.connect({ clientId: "owed" });
    for (const name of "abcd") {
      harness.connect({ clientId: "p" }).publish(name, name, { retain: true });
    }
    harness.work();
    owed.subscribe("+");
    owed.packets();
    busy.send(...PINGS);
    busy.packets();
    const waiting = harness.connect({ clientId: "waiting" });
    harness.broker.isPostponing = true;
    waiting.send({ type: PacketType.PINGREQ });
    harness.broker.isPostponing = false;
    const served = [0, 1, 2].map(() => {
      harness.broker.work(harness.nowMs, () => true);
      harness.broker.flush();
      return [waiting, busy, owed].map((peer) => peer.packets().length > 0);
    });
    expect(served).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
    harness.work();
    expect(harness.broker.needsWork).toBe(false);
  });

  it("counts what a short turn has used, not what a whole one would have left", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 160 } });
    const peer = harness.connect({ clientId: "c" });
    harness.broker.tick(harness.nowMs + 1_000);
    harness.broker.isPostponing = true;
    peer.send(...PINGS);
    harness.broker.isPostponing = false;
    harness.work();
    harness.broker.tick(harness.nowMs + 2_000);
    expect(harness.broker.stats.busiest).toEqual({ clientId: "c", units: 5 });
  });

  it.each([
    ["publishes no Will of a peer", [publishPacket("w", "last"), { type: PacketType.DISCONNECT }]],
    ["publishes the Will behind what a peer has sent", [publishPacket("w", "last")]],
  ] as const)("[MQTT-3.14.4-3] [A22] %s that is gone before its turn has come", (_, packets) => {
    const harness = new Harness();
    const watcher = harness.connect({ clientId: "watcher" });
    watcher.subscribe("w");
    const will = { topicName: "w", payload: Uint8Array.of(0x57) };
    const peer = harness.connect({ clientId: "peer", will });
    harness.broker.isPostponing = true;
    peer.send(...packets);
    peer.cut();
    harness.broker.isPostponing = false;
    harness.work();
    const isClean = packets.length > 1;
    expect(watcher.payloads()).toEqual(isClean ? ["last"] : ["last", "W"]);
    const reason = isClean ? "disconnected" : "connection-lost";
    expect(harness.closes.map((close) => close.reason)).toEqual([reason]);
    expect(harness.broker.gauges.sessions).toBe(1);
  });

  it("[M07] closing works off what is left, and nothing is left then", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 1 } });
    const receiver = harness.connect({ clientId: "r", cleanSession: false });
    receiver.subscribe(["t", 1]);
    receiver.disconnect();
    const peer = harness.connect({ clientId: "p" });
    peer.send(publishPacket("t", "1"), publishPacket("t", "2"));
    harness.broker.close(harness.nowMs);
    expect(harness.broker.needsWork).toBe(false);
    expect(harness.broker.stats.connections).toBe(0);
  });
});
