import { describe, expect, it } from "vitest";
import { type EngineOptions, PacketType, type Policy } from "../../src/engine.js";
import { Permissions, rightsOf } from "../../src/permissions/permissions.js";
import type { Rule } from "../../src/permissions/rule.js";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { Harness } from "../support/harness.js";

function ruled(rules: readonly Rule[], options: Partial<EngineOptions> = {}): Harness {
  const policy: Policy = { rightsOf: (client) => rightsOf(undefined, client, rules) };
  return new Harness({ ...options, policy });
}

const ANY_PUBLISH: Rule = { allow: "any", do: ["publish", "retain"], topic: "#" };
const RULES: readonly Rule[] = [
  { allow: { clientId: "sender" }, do: ["publish", "retain"], topic: "#" },
  { allow: "any", do: "subscribe", topic: ["own/${clientId}/#", "open/+"] },
  { deny: "any", do: "receive", topic: "mixed/secret" },
  { allow: "any", do: "subscribe", topic: "mixed/+" },
  { allow: "any", do: "sendTo", parent: "chat", to: "bob" },
];

describe("[H04] a retained message whose author lost the right", () => {
  const reading: Rule = { allow: "any", do: "subscribe", topic: "#" };
  const writing: Rule = { allow: { user: "anna" }, do: ["publish", "retain"], topic: "news/#" };

  /** Anna, and the broker, have each left a message; then rules change, with or without a restart. */
  function left(deniedRetained: "withhold" | "serve", restarts: boolean, later: readonly Rule[]) {
    const permissions = new Permissions({ rules: [reading, writing] });
    const policy: Policy = { rightsOf: (client) => rightsOf(permissions, client, client.rules) };
    const backend = new MemoryBackend();
    const start = (): Harness => {
      const harness = new Harness({ policy, deniedRetained, store: memoryStore(backend) });
      harness.broker.restore(harness.nowMs);
      return harness;
    };
    const first = start();
    const anna = first.connect({ clientId: "a", username: "anna" });
    anna.publish("news/anna", "hers", { retain: true });
    anna.publish("news/both", "hers", { retain: true });
    first.broker.publish(
      { topicName: "news/own", payload: new Uint8Array(3), qos: 0, retain: true },
      first.nowMs,
    );
    const harness = restarts ? start() : first;
    permissions.replace({ rules: later });
    harness.broker.recheck(harness.nowMs);
    return { harness, permissions };
  }

  const topics = (harness: Harness): string[] => {
    const peer = harness.connect({ clientId: "reader", username: "berta" });
    peer.subscribe("news/#");
    return peer.publishes().map(({ topicName }) => topicName);
  };

  it.each([false, true])("is given to nobody, until it may again (restart: %s)", (restarts) => {
    const denied: Rule = { deny: { user: "anna" }, do: ["publish", "retain"], topic: "news/anna" };
    const { harness, permissions } = left("withhold", restarts, [reading, denied, writing]);
    expect(topics(harness).sort()).toEqual(["news/both", "news/own"]);
    expect(harness.drops).toEqual([
      { reason: "author-denied", topicName: "news/anna", receiverId: "reader" },
    ]);
    permissions.replace({ rules: [reading] });
    harness.broker.recheck(harness.nowMs);
    expect(topics(harness)).toEqual(["news/own"]);
    permissions.replace({ rules: [reading, writing] });
    harness.broker.recheck(harness.nowMs);
    expect(topics(harness).sort()).toEqual(["news/anna", "news/both", "news/own"]);
  });

  it("is served all the same, where that is wanted", () => {
    const { harness } = left("serve", true, [reading]);
    expect(topics(harness).sort()).toEqual(["news/anna", "news/both", "news/own"]);
  });
});

describe("[H01] a wildcard never gives more than its Client may have", () => {
  it("a filter wider than the grant is granted, and each message is looked at", () => {
    const harness = ruled(RULES);
    const peer = harness.connect({ clientId: "A" });
    expect(peer.subscribe("#", "own/+/x", "own/B/#", "open/b/c", "open/#")).toEqual([
      0, 0, 0x80, 0x80, 0,
    ]);
    const sender = harness.connect({ clientId: "sender" });
    for (const topic of ["own/A/x", "own/B/x", "own/A", "open/1", "open/1/2", "mixed/secret"]) {
      sender.publish(topic, topic);
    }
    expect(peer.payloads()).toEqual(["own/A/x", "own/A", "open/1"]);
  });

  it("retained messages too", () => {
    const harness = ruled(RULES);
    const sender = harness.connect({ clientId: "sender" });
    for (const topic of ["mixed/secret", "mixed/public", "own/B/x", "own/A/x"]) {
      sender.publish(topic, topic, { retain: true });
    }
    const peer = harness.connect({ clientId: "A" });
    peer.subscribe(["#", 1]);
    expect(peer.payloads().sort()).toEqual(["mixed/public", "own/A/x"]);
  });

  it("what is queued for a Client that is offline is looked at as well", () => {
    const harness = ruled(RULES, { limits: { queueMessagesMax: 2 } });
    const options = { clientId: "A", cleanSession: false };
    const peer = harness.connect(options);
    peer.subscribe(["#", 1]);
    peer.cut();
    const sender = harness.connect({ clientId: "sender" });
    for (const [at, topic] of ["own/B/1", "own/B/2", "own/A/1", "own/B/3", "own/A/2"].entries()) {
      sender.publish(topic, topic, { qos: 1, packetId: at + 1 });
    }
    expect(harness.connect(options).payloads()).toEqual(["own/A/1", "own/A/2"]);
    expect(harness.drops).toEqual([]); // others' messages took no room
  });

  it("[M30] of a share whoever may receive the message gets it", () => {
    const harness = ruled(RULES);
    const peers = ["A", "B"].map((clientId) => {
      const peer = harness.connect({ clientId });
      expect(peer.subscribe("$share/g/own/#", `$share/x/own/${clientId}C`)).toEqual([0, 0x80]);
      return peer;
    });
    const sender = harness.connect({ clientId: "sender" });
    for (const id of ["A", "A", "B", "A", "C"]) sender.publish(`own/${id}`, id);
    expect(peers.map((peer) => peer.payloads())).toEqual([["A", "A", "A"], ["B"]]);
    expect(harness.drops).toEqual([]); // a message for nobody in the group is no drop
  });

  it("[P3] point-to-point needs no right of the receiver, and never goes by its Subscriptions", () => {
    const harness = ruled(RULES);
    const bob = harness.connect({ clientId: "bob", cleanSession: false });
    const eve = harness.connect({ clientId: "eve" });
    eve.subscribe("#");
    const sender = harness.connect({ clientId: "sender" });
    sender.publish("chat/p2p/bob", "to bob");
    sender.publish("chat/p2p/eve", "not granted");
    sender.publish("other/p2p/bob", "not granted");
    bob.cut();
    sender.publish("chat/p2p/bob", "queued", { qos: 1 });
    expect(bob.payloads()).toEqual(["to bob"]);
    expect(harness.connect({ clientId: "bob", cleanSession: false }).payloads()).toEqual([
      "queued",
    ]);
    expect(eve.payloads()).toEqual([]);
    expect(harness.dropCount("denied")).toBe(2);
  });

  it("[H08] $ topics are for those whom a rule names them to", () => {
    const harness = ruled([
      { allow: { clientId: "A" }, do: "subscribe", topic: ["#", "$SYS/#"] },
      { allow: "any", do: "subscribe", topic: "#" },
    ]);
    const [a, b] = ["A", "B"].map((clientId) => harness.connect({ clientId }));
    expect([a, b].map((peer) => peer?.subscribe("#", "$SYS/#", "$SYS/broker/uptime"))).toEqual([
      [0, 0, 0],
      [0, 0x80, 0x80],
    ]);
    const uptime = {
      topicName: "$SYS/broker/uptime",
      payload: new Uint8Array(1),
      qos: 0,
      retain: false,
    } as const;
    harness.broker.publish(uptime, harness.nowMs);
    harness.broker.flush();
    expect([a, b].map((peer) => peer?.publishes().length)).toEqual([1, 0]);
  });

  it("[P4] one's own inbox is granted without a rule, and does nothing", () => {
    const harness = ruled([ANY_PUBLISH]);
    const peer = harness.connect({ clientId: "A" });
    expect(peer.subscribe("chat/p2p/A", "chat/p2p/B", "chat/p2p/+")).toEqual([0, 0x80, 0x80]);
  });
});

describe("[H03] RETAIN is a right of its own", () => {
  it("without it a message is dropped whole", () => {
    const harness = ruled([
      { allow: "any", do: ["publish", "subscribe"], topic: "a" },
      { allow: "any", do: ["retain", "publish"], topic: "b" },
    ]);
    const peer = harness.connect({ clientId: "A" });
    peer.subscribe("a");
    peer.publish("a", "1");
    peer.publish("a", "2", { retain: true, qos: 1 });
    expect(peer.first(PacketType.PUBACK).packetId).toBe(1); // acknowledged all the same [M21]
    expect(peer.payloads()).toEqual(["1"]);
    peer.publish("b", "3", { retain: true });
    expect(harness.broker.gauges.retained).toBe(1);
  });
});

describe("a denied SUBSCRIBE that hangs up", () => {
  it("[M21] [P19] grants nothing of the packet, and answers nothing", () => {
    const harness = ruled(RULES, { deniedSubscribe: "hang-up" });
    const peer = harness.connect({ clientId: "A" });
    expect(peer.subscribe("open/1", "chat/p2p/B")).toEqual([0, 0x80]); // no question of rules
    peer.send({
      type: PacketType.SUBSCRIBE,
      packetId: 7,
      requests: [
        { topicFilter: "open/2", requestedQos: 0 },
        { topicFilter: "nothing", requestedQos: 0 },
      ],
    });
    expect(peer.isClosed).toBe(true);
    expect(peer.packets()).toEqual([]);
    expect(harness.closes).toMatchObject([{ clientId: "A", reason: "denied" }]);
    expect(Object.fromEntries(harness.broker.stats.denials)).toEqual({
      "other-inbox": 1,
      "not-allowed": 1,
    });
  });
});
