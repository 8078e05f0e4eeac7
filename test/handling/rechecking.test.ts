import { describe, expect, it } from "vitest";
import { type EngineOptions, PacketType } from "../../src/engine.js";
import { Permissions, rightsOf } from "../../src/permissions/permissions.js";
import type { Rule } from "../../src/permissions/rule.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { Harness } from "../support/harness.js";
import { LateAnswers } from "../support/late-answers.js";

const ANY_PUBLISH: Rule = { allow: "any", do: ["publish", "retain"], topic: "#" };

function subscribing(...topic: string[]): Rule {
  return { allow: "any", do: "subscribe", topic };
}

/** A broker whose rules may be exchanged. */
function world(rules: readonly Rule[], options: Partial<EngineOptions> = {}) {
  const permissions = new Permissions({ rules });
  const policy = {
    ...options.policy,
    rightsOf: (client: { clientId: string; username: string | undefined; remoteAddress: string }) =>
      rightsOf(permissions, client, undefined),
  };
  const harness = new Harness({ ...options, policy });
  const exchange = (...next: Rule[]): void => {
    permissions.replace({ rules: next });
    harness.broker.recheck(harness.nowMs);
  };
  return { harness, permissions, exchange };
}

describe("rules that have changed", () => {
  it("[F15] take a Subscription away that is not allowed any more, and tell so", () => {
    const denied: string[] = [];
    const { harness, exchange } = world([ANY_PUBLISH, subscribing("a", "b")], {
      events: { onDeny: (_, topicFilter, reason) => denied.push(`${topicFilter} ${reason}`) },
    });
    const peer = harness.connect({ clientId: "A" });
    peer.subscribe("a", "b");
    exchange(ANY_PUBLISH, subscribing("b"));
    expect(denied).toEqual(["a revoked"]);
    expect(harness.broker.gauges.subscriptions).toBe(1);
    const sender = harness.connect({ clientId: "B" });
    sender.publish("a", "not");
    sender.publish("b", "still");
    expect(peer.payloads()).toEqual(["still"]);
  });

  it("[H01] let a wildcard deliver what is allowed now, on routes used before as well", () => {
    const { harness, exchange } = world([ANY_PUBLISH, subscribing("#")]);
    const peer = harness.connect({ clientId: "A" });
    peer.subscribe("#");
    const sender = harness.connect({ clientId: "B" });
    sender.publish("a", "1");
    exchange(ANY_PUBLISH, subscribing("b"));
    sender.publish("a", "2");
    sender.publish("b", "3");
    exchange(ANY_PUBLISH, subscribing("#"));
    sender.publish("a", "4");
    expect(peer.payloads()).toEqual(["1", "3", "4"]);
  });

  it("[F15] drop what was queued under a right that is gone; the rest comes", () => {
    const { harness, exchange } = world([ANY_PUBLISH, subscribing("#")], {
      limits: { inFlightMax: 1 },
    });
    const peer = harness.connect({ clientId: "A" });
    peer.subscribe(["#", 1]);
    const sender = harness.connect({ clientId: "B" });
    for (const [index, topic] of ["a", "a", "b", "a", "b"].entries()) {
      sender.publish(topic, `${index}`, { qos: 1, packetId: index + 1 });
    }
    exchange(ANY_PUBLISH, subscribing("b"));
    expect(peer.acknowledgeAll().map(({ topicName }) => topicName)).toEqual(["a", "b", "b"]);
    expect(harness.dropCount("revoked")).toBe(2);
  });

  it.each([1, 2] as const)(
    "[F15] do not send again what an earlier connection left unacknowledged at QoS %i",
    (qos) => {
      const store = memoryStore(new MemoryBackend());
      const { harness, permissions } = world([ANY_PUBLISH, subscribing("#")], { store });
      const options = { clientId: "A", cleanSession: false };
      const peer = harness.connect(options);
      peer.subscribe(["#", qos]);
      const sender = harness.connect({ clientId: "B" });
      sender.publish("a", "1", { qos, packetId: 1 });
      sender.publish("b", "2", { qos, packetId: 2 });
      expect(peer.payloads()).toEqual(["1", "2"]);
      peer.cut();
      sender.publish("a", "3", { qos, packetId: 3 });
      permissions.replace({ rules: [ANY_PUBLISH, subscribing("b")] });
      const again = harness.connect(options);
      expect(again.acknowledgeAll().map(({ topicName }) => topicName)).toEqual(["b"]);
      expect(harness.dropCount("revoked")).toBe(2);
      // An identifier nobody waits for any more is answered so that the peer can finish. [M13]
      if (qos === 2) {
        again.pubrec(1);
        expect(again.first(PacketType.PUBREL).packetId).toBe(1);
      }
    },
  );

  it("stop retained messages of a Subscription that is gone", () => {
    const { harness, exchange } = world([ANY_PUBLISH, subscribing("#")]);
    const sender = harness.connect({ clientId: "B" });
    for (let index = 0; index < 3_000; index += 1) {
      sender.publish(`a/${index}`, "x", { retain: true });
    }
    const peer = harness.connect({ clientId: "A" });
    peer.subscribe("a/#");
    const before = peer.publishes().length;
    expect(before).toBeLessThan(3_000);
    exchange(ANY_PUBLISH, subscribing("b"));
    harness.advance(2_000);
    expect(peer.publishes()).toEqual([]);
  });

  it("are looked at some Subscriptions a turn, and hold for all at once", () => {
    const { harness, exchange } = world([ANY_PUBLISH, subscribing("t/#")]);
    const peers = Array.from({ length: 30 }, (_, index) => {
      const peer = harness.connect({ clientId: `c${index}` });
      peer.subscribe(...Array.from({ length: 100 }, (_unused, at) => `t/${at}`));
      return peer;
    });
    exchange(ANY_PUBLISH);
    const left = harness.broker.gauges.subscriptions;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(3_000);
    expect(harness.broker.needsWork).toBe(true);
    harness.connect({ clientId: "B" }).publish("t/7", "not");
    expect(peers.flatMap((peer) => peer.payloads())).toEqual([]);
    peers[29]?.cut(); // who goes meanwhile is not looked at
    for (let turns = 0; harness.broker.needsWork; turns += 1) {
      expect(turns).toBeLessThan(10);
      harness.broker.work(harness.nowMs);
    }
    expect(harness.broker.gauges.subscriptions).toBe(0);
  });

  it("may be looked at for one Client", () => {
    const { harness, permissions } = world([ANY_PUBLISH, subscribing("a")]);
    const one = harness.connect({ clientId: "A" });
    const other = harness.connect({ clientId: "B" });
    for (const peer of [one, other]) peer.subscribe("a");
    permissions.replace({ rules: [ANY_PUBLISH] });
    harness.broker.recheck(harness.nowMs, "A");
    harness.broker.recheck(harness.nowMs, "nobody");
    expect(harness.broker.gauges.subscriptions).toBe(1);
  });
});

describe("hooks that would answer something else now", () => {
  it("are asked again about every Subscription", () => {
    const allowed = new Set(["a", "b"]);
    const harness = new Harness({
      policy: { maySubscribe: (_from, topicFilter) => allowed.has(topicFilter) },
    });
    const peer = harness.connect({ clientId: "A" });
    peer.subscribe("a", "b");
    allowed.delete("b");
    harness.broker.recheck(harness.nowMs);
    harness.connect({ clientId: "B" }).publish("b", "not");
    expect([peer.payloads(), harness.broker.gauges.subscriptions]).toEqual([[], 1]);
  });

  it("may answer later: what they deny then is gone, unless it is gone already", () => {
    const late = new LateAnswers();
    let isLate = false;
    const harness = new Harness({ policy: { maySubscribe: () => (isLate ? late.ask() : true) } });
    const peer = harness.connect({ clientId: "A" });
    peer.subscribe("a", "b", "c", "d");
    isLate = true;
    harness.broker.recheck(harness.nowMs);
    peer.unsubscribe("c");
    const [a, b, c] = late.open;
    a?.answer(harness, true);
    b?.answer(harness, false);
    c?.answer(harness, false);
    harness.advance(10_000); // about d nobody can tell: what holds so far goes on
    expect(harness.broker.gauges.subscriptions).toBe(2);
  });
});
