import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { connectPacket, Harness, subscribePacket } from "../support/harness.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

const FILTERS = Array.from({ length: 20 }, (_, at) => `f/${at}`);
const UNSUBSCRIBE = { type: PacketType.UNSUBSCRIBE, packetId: 2, topicFilters: FILTERS } as const;

/** A broker with a retained message under each filter that tells of Subscriptions, ten units a turn. */
function telling(options: ConstructorParameters<typeof Harness>[0] = {}) {
  const told: string[] = [];
  const harness = new Harness({
    ...options,
    limits: { workPerTurnMax: 10 },
    events: {
      onSubscribe: ({ clientId }, topicFilter) => told.push(`${clientId} ${topicFilter}`),
      onUnsubscribe: (_client, topicFilter) => told.push(`not ${topicFilter}`),
    },
  });
  for (const topic of FILTERS) {
    harness.connect({ clientId: "p" }).publish(topic, "x", { retain: true });
  }
  harness.work();
  return { harness, told };
}

/** One call of the engine after the other. @returns how many Subscriptions each has told of, at most. */
function mostToldAtOnce({ broker, nowMs }: Harness, told: readonly string[]): number {
  let most = 0;
  while (broker.needsWork) {
    const before = told.length;
    broker.work(nowMs);
    broker.flush();
    most = Math.max(most, told.length - before);
  }
  return most;
}

describe("what Subscriptions bring", () => {
  it("[T2] [M5] is told in slices behind SUBACK, and every retained message comes once", () => {
    const { harness, told } = telling();
    const peer = harness.connect({ clientId: "c" });
    peer.send(subscribePacket(...FILTERS));
    expect(mostToldAtOnce(harness, told)).toBeLessThanOrEqual(5);
    expect(told).toEqual(FILTERS.map((topicFilter) => `c ${topicFilter}`));
    const [first, ...others] = peer.packets();
    expect(first?.type).toBe(PacketType.SUBACK);
    expect(others.map((packet) => "topicName" in packet && packet.topicName).sort()).toEqual(
      [...FILTERS].sort(),
    );
  });

  it("[T2] what the Client sends behind SUBSCRIBE comes behind all of it", () => {
    const { harness, told } = telling();
    const peer = harness.connect({ clientId: "c" });
    peer.send(subscribePacket(...FILTERS), UNSUBSCRIBE);
    harness.work();
    expect(told.slice(0, 20)).toEqual(FILTERS.map((topicFilter) => `c ${topicFilter}`));
    expect(told.slice(20)).toEqual(FILTERS.map((topicFilter) => `not ${topicFilter}`));
  });

  it("[F08] is told when the connection has ended meanwhile, as it was answered", () => {
    const { harness, told } = telling();
    const peer = harness.connect({ clientId: "c", cleanSession: false });
    peer.send(subscribePacket(...FILTERS));
    while (told.length === 0) harness.broker.work(harness.nowMs);
    peer.cut();
    harness.work();
    expect(told).toEqual(FILTERS.map((topicFilter) => `c ${topicFilter}`));
  });

  it("[MQTT-3.10.4-2] [M26] of a SUBACK that waited for the disk: what is gone by then is not told", () => {
    const disk = new SlowDisk();
    const store = slowStore(disk);
    const { harness, told } = telling({ store });
    store.onCommitted = () => harness.broker.inTurn || harness.broker.committed(harness.nowMs);
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "c", cleanSession: false }));
    disk.finishAll();
    harness.work();
    peer.send(subscribePacket(...FILTERS));
    harness.work();
    expect(told).toEqual([]);
    disk.finishAll();
    while (told.length === 0) harness.broker.work(harness.nowMs);
    peer.send({ ...UNSUBSCRIBE, topicFilters: FILTERS.slice(-1) });
    harness.work();
    disk.finishAll();
    harness.work();
    expect(told.filter((text) => text.startsWith("c "))).toEqual(
      FILTERS.slice(0, -1).map((topicFilter) => `c ${topicFilter}`),
    );
  });

  it("[D11] [M5] a filter that comes again in a later slice is owed once", () => {
    const { harness } = telling();
    const peer = harness.connect({ clientId: "c" });
    peer.send(subscribePacket(...FILTERS.map(() => "f/7")));
    harness.work();
    expect(peer.packets().map(({ type }) => type)).toEqual([PacketType.SUBACK, PacketType.PUBLISH]);
  });

  it("[M30] [P4] members of a share and one's own inbox are told of, and owed nothing", () => {
    const { harness, told } = telling();
    const peer = harness.connect({ clientId: "c" });
    peer.subscribe("$share/g/f/1", "x/p2p/c", "f/2");
    harness.work();
    expect(told).toEqual(["c $share/g/f/1", "c x/p2p/c", "c f/2"]);
    expect(peer.publishes().map(({ topicName }) => topicName)).toEqual(["f/2"]);
  });
});
