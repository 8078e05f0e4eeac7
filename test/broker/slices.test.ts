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
