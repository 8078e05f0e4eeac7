import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { Harness, publishPacket } from "../support/harness.js";

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
