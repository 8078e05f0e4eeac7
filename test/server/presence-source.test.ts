import { describe, expect, it } from "vitest";
import type { MqttBroker } from "../../src/library/mqtt-broker.js";
import type { PresenceEvent } from "../../src/library/presence.js";
import {
  BrokerPresence,
  ClusterPresence,
  presenceSource,
} from "../../src/server/presence-source.js";
import { eventFor, Link, MemoryJournals } from "../presence/presence-world.js";

/** The part of a broker that is asked, with real time. */
function fakeBroker() {
  const heard = new Set<(event: PresenceEvent) => void>();
  const membership = () => ({
    ...{ node: "a1", isServing: true, nowMs: performance.now(), readBackMs: performance.now() - 1 },
    members: [{ node: "a1", silentMs: 0 }],
  });
  const broker = {
    on: (_: string, listener: (event: PresenceEvent) => void) => heard.add(listener),
    off: (_: string, listener: (event: PresenceEvent) => void) => heard.delete(listener),
    cluster: { membership },
  } as unknown as MqttBroker; // all that is asked of it is here
  const tell = (event: PresenceEvent): void => {
    for (const listener of heard) listener(event);
  };
  return { broker, tell, heard };
}

const NOW = {
  nowMs: () => Date.now(),
  after: (ms: number, call: () => void) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

describe("where events of presence come from", () => {
  it("is the broker itself where it is alone", async () => {
    const { broker, tell, heard } = fakeBroker();
    const source = await presenceSource(broker, undefined, "n1", {});
    expect(source).toBeInstanceOf(BrokerPresence);
    const told: string[] = [];
    source.listen(({ channelId }) => told.push(`first ${channelId}`));
    source.listen(({ channelId }) => told.push(`second ${channelId}`));
    tell(eventFor("c1", "connect", 1));
    expect(told).toEqual(["first c1", "second c1"]);
    source.stopping();
    await source.drained();
    await source.close();
    expect([heard.size, source.counts]).toEqual([0, undefined]);
  });

  it("is a journal in a cluster: told when it is written, removed when it ends", async () => {
    const { broker, tell, heard } = fakeBroker();
    const journals = new MemoryJournals(NOW);
    const log = { ...journals.seenBy(new Link()), close: async () => undefined };
    const source = new ClusterPresence(broker, log, "n1", {});
    const told: string[] = [];
    source.listen(({ channelId }) => told.push(channelId));
    tell(eventFor("c1", "connect", 1));
    expect([told, source.counts]).toEqual([[], { waiting: 1, unwritten: 0, inPlaceOfOthers: 0 }]);
    await source.drained();
    expect([told, source.counts.waiting, journals.of("a1").length > 0]).toEqual([["c1"], 0, true]);
    await source.close();
    expect(heard.size).toBe(0);
  });
});
