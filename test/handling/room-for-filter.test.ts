import { describe, expect, it } from "vitest";
import type { DenialReason, EngineOptions } from "../../src/engine.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { Attack } from "../support/attack.js";
import { Harness, type Peer } from "../support/harness.js";

/** All filters `{a|+}/{a|+}/...` of so many levels: 2 to the power of that. */
function hostile(levels: number): string[] {
  let filters = [""];
  for (let at = 0; at < levels; at += 1) {
    filters = filters.flatMap((head) => [`${head}/a`, `${head}/+`]);
  }
  return filters.map((filter) => filter.slice(1));
}

function denying(options: Partial<EngineOptions> = {}) {
  const denied: DenialReason[] = [];
  const onDeny = (_client: unknown, _filter: string, reason: DenialReason) => denied.push(reason);
  return { denied, harness: new Harness({ ...options, events: { onDeny } }) };
}

function visitsOf({ harness }: Attack, peer: Peer, topicName: string): number {
  const before = harness.broker.stats.matchVisits;
  peer.publish(topicName, "x");
  return harness.broker.stats.matchVisits - before;
}

describe("the patterns of filters with wildcards", () => {
  it("[T3] [D13] 16,384 filters of one Client: most are refused, and a publish stays cheap", () => {
    const attack = new Attack();
    const attacker = attack.connect();
    const codes = attacker.subscribe(...hostile(14));
    expect(codes.filter((code) => code === 0)).toHaveLength(Math.floor(512 / 14) + 1); // and a/a/...
    const denials = attack.harness.broker.stats.denials.get("session-patterns-full");
    expect(denials).toBe(codes.filter((code) => code === 0x80).length);
    expect(visitsOf(attack, attacker, new Array(14).fill("a").join("/"))).toBeLessThan(520);
    attacker.packets();
    attack.witness.packets();
    attack.expectUnharmed();
  });

  it("[T3] at the bound of a Session a pattern is granted, one past it gets 0x80", () => {
    const limits = { wildcardLevelsPerSessionMax: 5 };
    const { denied, harness } = denying({ limits });
    const client = harness.connect();
    expect(client.subscribe("a/+/c", "+/b", "b/+/d", "x/y", "$share/g/+/z")).toEqual([
      0, 0, 0, 0, 0x80,
    ]);
    expect(client.subscribe("#", "a/+/c", "q/+/r")).toEqual([0x80, 0, 0]);
    expect(denied).toEqual(["session-patterns-full", "session-patterns-full"]);
    client.unsubscribe("+/b");
    expect(client.subscribe("#")).toEqual([0]);
    expect(harness.connect({ clientId: "b" }).subscribe("+/+")).toEqual([0]);
  });

  it("[T3] at the bound of all a new pattern gets 0x80, one that is known is granted", () => {
    const { denied, harness } = denying({ limits: { wildcardLevelsMax: 4 } });
    const one = harness.connect({ clientId: "one" });
    const two = harness.connect({ clientId: "two" });
    expect(one.subscribe("a/+", "+/a")).toEqual([0, 0]);
    expect(two.subscribe("b/+", "#", "$share/g/+/b")).toEqual([0, 0x80, 0]);
    expect(denied).toEqual(["patterns-full"]);
    one.send({ type: 14 });
    expect(two.subscribe("#")).toEqual([0x80]);
    two.unsubscribe("$share/g/+/b");
    expect(two.subscribe("#")).toEqual([0]);
  });

  it("[T3] a Session of an earlier run keeps what does not cost too much, and no more", () => {
    const backend = new MemoryBackend();
    const first = new Harness({ store: memoryStore(backend) });
    const client = first.connect({ cleanSession: false });
    client.subscribe("x", ...hostile(4));
    first.broker.close(first.nowMs);
    const limits = { wildcardLevelsMax: 20 };
    const { denied, harness } = denying({ store: memoryStore(backend), limits });
    harness.broker.restore(harness.nowMs);
    expect(denied).toEqual(new Array(10).fill("patterns-full"));
    expect(harness.broker.gauges.subscriptions).toBe(17 - 10);
    const { denied: again, harness: third } = denying({ store: memoryStore(backend) });
    third.broker.restore(third.nowMs);
    expect(again).toEqual([]);
    expect(third.broker.gauges.subscriptions).toBe(7);
  });
});

describe("the bytes of filters", () => {
  it("[T7] at the bound of a Session a filter is granted, one past it gets 0x80", () => {
    const { denied, harness } = denying({ limits: { subscriptionBytesPerSessionMax: 10 } });
    const client = harness.connect();
    expect(client.subscribe("12345", "1234\u00e9", "1234", "1", "2")).toEqual([
      0, 0x80, 0, 0, 0x80,
    ]);
    expect(client.subscribe("12345")).toEqual([0]);
    client.unsubscribe("12345");
    expect(client.subscribe("67890")).toEqual([0]);
    expect(denied).toEqual(["session-bytes-full", "session-bytes-full"]);
  });

  it("[T7] at the bound of all a filter is granted, one past it gets 0x80; room comes back", () => {
    const { denied, harness } = denying({ limits: { subscriptionBytesMax: 30 } });
    const one = harness.connect({ clientId: "one" });
    const two = harness.connect({ clientId: "two" });
    expect(one.subscribe("x/p2p/one", "1234567890")).toEqual([0, 0]); // its inbox counts too
    expect(two.subscribe("$share/g/ab")).toEqual([0]);
    expect(two.subscribe("1")).toEqual([0x80]);
    one.cut();
    expect(two.subscribe("1")).toEqual([0]);
    expect(denied).toEqual(["bytes-full"]);
    two.cut();
    expect(harness.broker.stats.subscriptionBytes).toBe(0);
  });

  it("[T7] the bytes of Sessions of an earlier run are counted", () => {
    const backend = new MemoryBackend();
    const first = new Harness({ store: memoryStore(backend) });
    first.connect({ cleanSession: false }).subscribe("abc", "#");
    first.broker.close(first.nowMs);
    const harness = new Harness({ store: memoryStore(backend) });
    harness.broker.restore(harness.nowMs);
    expect(harness.broker.stats.subscriptionBytes).toBe(4);
  });
});
