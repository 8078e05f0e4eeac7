import { describe, expect, it } from "vitest";
import { encode, PacketType } from "../../src/engine.js";
import { Harness, publishPacket, subscribePacket } from "../support/harness.js";

/** Some 60 kB: four slices and more. */
const FILTERS = Array.from({ length: 3_000 }, (_, at) => `long/list/of/filters/${at}`);
const UNSUBSCRIBE = {
  type: PacketType.UNSUBSCRIBE,
  packetId: 2,
  topicFilters: FILTERS,
} as const;
const PING = { type: PacketType.PINGREQ } as const;

/** Works slice by slice. @returns how many there were until `isDone`. */
function slicesUntil(harness: Harness, isDone: () => boolean): number {
  let slices = 0;
  for (; !isDone() && harness.broker.needsWork; slices += 1) {
    harness.broker.work(harness.nowMs);
    harness.broker.flush();
  }
  expect(isDone()).toBe(true);
  return slices;
}

describe("SUBSCRIBE and UNSUBSCRIBE of many bytes", () => {
  it("[T2] are decoded in slices before anything of them takes effect; what is behind them waits", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 200 } });
    const peer = harness.connect();
    peer.send(subscribePacket(...FILTERS), UNSUBSCRIBE, PING);
    const { gauges } = harness.broker;
    expect(gauges.subscriptions).toBe(0);
    const decoding = slicesUntil(harness, () => harness.broker.gauges.subscriptions > 0);
    expect(decoding).toBeGreaterThanOrEqual(3);
    slicesUntil(harness, () => harness.broker.gauges.subscriptions === FILTERS.length);
    expect(peer.link.isPaused).toBe(true);
    harness.work();
    expect(peer.packets().map(({ type }) => type)).toEqual([
      PacketType.SUBACK,
      PacketType.UNSUBACK,
      PacketType.PINGRESP,
    ]);
    expect(harness.broker.gauges.subscriptions).toBe(0);
    expect(peer.link.isPaused).toBe(false);
  });

  it("[T2] others have their turns between the slices", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 200 } });
    const peer = harness.connect({ clientId: "a" });
    const other = harness.connect({ clientId: "b" });
    other.subscribe("t");
    other.packets();
    peer.send(subscribePacket(...FILTERS));
    other.send(publishPacket("t", "x"));
    expect(harness.broker.gauges.subscriptions).toBe(1);
    expect(other.packets()).toHaveLength(1);
    harness.work();
    expect(harness.broker.gauges.subscriptions).toBe(1 + FILTERS.length);
  });

  it("[MQTT-3.8.4-5] [M5] are answered with a code for each filter, and then come retained messages", () => {
    for (const workPerTurnMax of [200, 1_000_000]) {
      const harness = new Harness({ limits: { workPerTurnMax } });
      const publisher = harness.connect({ clientId: "p" });
      for (const at of [0, 1_500, 2_999])
        publisher.publish(`long/list/of/filters/${at}`, "kept", { retain: true });
      const peer = harness.connect();
      peer.send(subscribePacket(...FILTERS));
      harness.work();
      const [suback, ...retained] = peer.packets();
      expect(suback).toMatchObject({ type: PacketType.SUBACK });
      expect(suback?.type === PacketType.SUBACK && suback.returnCodes).toHaveLength(3_000);
      expect(retained.map(({ type }) => type)).toEqual(Array(3).fill(PacketType.PUBLISH));
    }
  });

  it("[MQTT-3.8.3-4] one bad filter at the end, and nothing of the packet takes effect", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 200 } });
    const peer = harness.connect();
    const bytes = encode(subscribePacket(...FILTERS));
    bytes[bytes.length - 1] = 3;
    peer.send(bytes);
    expect(peer.isClosed).toBe(false);
    harness.work();
    expect(peer.isClosed).toBe(true);
    expect(peer.packets()).toEqual([]);
    expect(harness.broker.stats.violations.get("reserved-subscribe-options")).toBe(1);
    expect(harness.broker.gauges.subscriptions).toBe(0);
  });

  it("[T2] may have so many filters, and not one more: whoever sends more is hung up on", () => {
    for (const [count, workPerTurnMax] of [
      [5, 1_000_000],
      [3_000, 200],
    ] as const) {
      const limits = { workPerTurnMax, filtersPerPacketMax: count - 1 };
      const harness = new Harness({ limits });
      const good = harness.connect({ clientId: "good" });
      good.send(subscribePacket(...FILTERS.slice(1, count)));
      harness.work();
      expect(good.isClosed).toBe(false);
      expect(harness.broker.gauges.subscriptions).toBe(count - 1);
      for (const packet of [
        subscribePacket(...FILTERS.slice(0, count)),
        { ...UNSUBSCRIBE, topicFilters: FILTERS.slice(0, count) },
      ]) {
        const peer = harness.connect({ clientId: "bad" });
        peer.send(packet);
        harness.work();
        expect(peer.isClosed).toBe(true);
      }
      expect(harness.broker.stats.violations.get("too-many-filters")).toBe(2);
      expect(harness.broker.gauges.subscriptions).toBe(count - 1);
    }
  });

  it("[T2] nothing more of one is decoded when its connection has ended", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 200 } });
    const peer = harness.connect();
    peer.send(subscribePacket(...FILTERS));
    peer.connection.closed(harness.nowMs);
    harness.work();
    expect(harness.broker.gauges.subscriptions).toBe(0);
    expect(harness.broker.needsWork).toBe(false);
  });

  it("[M21] wait for a hook that is asked about each filter, as short ones do", () => {
    const told: (() => void)[] = [];
    const harness = new Harness({
      limits: { workPerTurnMax: 200, hookTimeoutMs: 60_000 },
      policy: {
        maySubscribe: () => ({
          whenAnswered: (tell) => told.push(() => tell(true, harness.nowMs)),
        }),
      },
    });
    const peer = harness.connect();
    peer.send(subscribePacket(...FILTERS), PING);
    harness.work();
    expect(told).toHaveLength(FILTERS.length);
    expect(peer.packets()).toEqual([]);
    for (const tell of told) tell();
    harness.work();
    expect(peer.packets().map(({ type }) => type)).toEqual([
      PacketType.SUBACK,
      PacketType.PINGRESP,
    ]);
    expect(harness.broker.gauges.subscriptions).toBe(FILTERS.length);
  });
});
