import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { connectPacket, Harness, subscribePacket } from "../support/harness.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

const FILTERS = Array.from({ length: 10 }, (_, at) => `f/${at}`);
const UNSUBSCRIBE = { type: PacketType.UNSUBSCRIBE, packetId: 2, topicFilters: FILTERS } as const;
const PING = { type: PacketType.PINGREQ } as const;

describe("SUBSCRIBE and UNSUBSCRIBE of many filters", () => {
  it("[T2] [MQTT-3.8.4-4] are done in slices, what is behind them waits, and each is answered once", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 4 } });
    const peer = harness.connect();
    peer.send(subscribePacket(...FILTERS), UNSUBSCRIBE, PING);
    const seen: string[] = [];
    while (harness.broker.needsWork) {
      harness.broker.work(harness.nowMs);
      harness.broker.flush();
      const types = peer.packets().map(({ type }) => type);
      seen.push(`${harness.broker.gauges.subscriptions}${types.length > 0 ? ` ${types}` : ""}`);
    }
    expect(seen.slice(0, 9).map((text) => Number.parseInt(text, 10))).toEqual([
      2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    const answers = seen.filter((text) => text.includes(" ")).join(",");
    expect(answers).toBe(
      `10 ${PacketType.SUBACK},0 ${PacketType.UNSUBACK},0 ${PacketType.PINGRESP}`,
    );
    expect(peer.link.isPaused).toBe(false);
  });

  it("[M5] retained messages of all of them follow SUBACK", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 4 } });
    for (const topic of FILTERS)
      harness.connect({ clientId: "p" }).publish(topic, "x", { retain: true });
    const peer = harness.connect();
    peer.send(subscribePacket(...FILTERS));
    harness.work();
    const [first, ...others] = peer.packets();
    expect(first?.type).toBe(PacketType.SUBACK);
    expect(others).toHaveLength(10);
  });

  it("[M26] of a kept Session: SUBACK and UNSUBACK wait for what all slices have recorded", () => {
    const disk = new SlowDisk();
    const store = slowStore(disk);
    const harness = new Harness({ store, limits: { workPerTurnMax: 4 } });
    store.onCommitted = () => harness.broker.inTurn || harness.broker.committed(harness.nowMs);
    const peer = harness.open();
    peer.send(connectPacket({ cleanSession: false }));
    disk.finishAll();
    harness.work();
    peer.packets();
    for (const [packet, answer] of [
      [subscribePacket(...FILTERS), PacketType.SUBACK],
      [UNSUBSCRIBE, PacketType.UNSUBACK],
    ] as const) {
      peer.send(packet);
      harness.work();
      expect(peer.packets()).toEqual([]);
      disk.finishAll();
      harness.work();
      expect(peer.packets().map(({ type }) => type)).toEqual([answer]);
    }
  });

  it("[F08] what is left when the connection ends is not done: nobody was told of it", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 4 } });
    const peer = harness.connect({ cleanSession: false });
    peer.send(subscribePacket(...FILTERS));
    peer.cut();
    harness.work();
    expect(harness.broker.gauges.subscriptions).toBe(1);
    expect(harness.connect({ cleanSession: false }).subscribe(...FILTERS)).toHaveLength(10);
  });
});
