import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/engine.js";
import { settingsFrom } from "../../src/ports/options.js";
import { PROFILES } from "../../src/ports/profiles.js";
import { bytesOf, connectPacket, Harness } from "../support/harness.js";

const makeClientId = () => "made";

describe("[P19] the profile aliyun", () => {
  it("stands in for defaults, and what is chosen stands", () => {
    const settings = settingsFrom({ makeClientId, profile: "aliyun" });
    expect(settings).toMatchObject({
      clientIds: "group",
      deniedPublish: "hang-up",
      deniedSubscribe: "hang-up",
      pointToPointOffline: "sender",
      limits: { messageBytesMax: 65_536, subscriptionsPerSessionMax: 30 },
    });
    const chosen = settingsFrom({
      makeClientId,
      profile: "aliyun",
      deniedPublish: "drop",
      pointToPoint: { offline: "both" },
      limits: { messageBytesMax: 7 },
    });
    expect(chosen).toMatchObject({
      clientIds: "group",
      deniedPublish: "drop",
      pointToPointOffline: "both",
      limits: { messageBytesMax: 7, subscriptionsPerSessionMax: 30 },
    });
    const { pool: _, ...plain } = settingsFrom({ makeClientId });
    expect(settingsFrom({ makeClientId, profile: "default" })).toMatchObject({
      deniedPublish: plain.deniedPublish,
      limits: plain.limits,
    });
    expect(Object.keys(PROFILES)).toEqual(["default", "aliyun"]);
  });

  it.each([
    ["GID_x@@@d", 0],
    ["GID-x@@@d", 0],
    ["GID_x@@@d@@@e", 0],
    ["GID_x@@@d@e", 0],
    ["GID_x@@@", 2],
    ["GID_x@@@d@@@", 2],
    ["GID_x@@@d@@@e@@@f", 2],
    ["GID_@@@d", 2],
    ["GIDx@@@d", 2],
    ["gid_x@@@d", 2],
    ["xGID_x@@@d", 2],
    ["GID_x", 2],
    ["", 2],
    ["GID_x@@@a/b", 2],
    ["GID_x@@@+", 2],
  ])("takes the Client Identifier %j with code %i", (clientId, code) => {
    const harness = new Harness({ profile: "aliyun" });
    const peer = harness.open();
    peer.send(connectPacket({ clientId }));
    expect(peer.first(PacketType.CONNACK).returnCode).toBe(code);
  });

  it("drops more than 64 KiB behind the acknowledgement, and grants 30 Subscriptions", () => {
    const harness = new Harness({ profile: "aliyun" });
    const peer = harness.connect({ clientId: "GID_x@@@1" });
    const codes = peer.subscribe(...Array.from({ length: 31 }, (_, at) => `t/${at}`));
    expect(codes.map((code) => code === 0x80)).toEqual([...Array(30).fill(false), true]);
    peer.publish("t/0", bytesOf("x".repeat(65_536)), { qos: 1 });
    expect(peer.publishes()).toHaveLength(1);
    peer.publish("t/0", bytesOf("x".repeat(65_537)), { qos: 1 });
    expect(peer.packets().map(({ type }) => type)).toEqual([PacketType.PUBACK]);
    expect([peer.isClosed, harness.dropCount("message-too-large")]).toEqual([false, 1]);
  });

  it("hangs up on what is denied", () => {
    const policy = { mayPublish: () => false, maySubscribe: () => false };
    const harness = new Harness({ profile: "aliyun", policy });
    const publisher = harness.connect({ clientId: "GID_x@@@1" });
    publisher.publish("t", "x", { qos: 1 });
    expect([publisher.isClosed, publisher.packets()]).toEqual([true, []]);
    const subscriber = harness.connect({ clientId: "GID_x@@@2" });
    subscriber.send({
      type: PacketType.SUBSCRIBE,
      packetId: 1,
      requests: [{ topicFilter: "t", requestedQos: 0 }],
    });
    expect([subscriber.isClosed, subscriber.packets()]).toEqual([true, []]);
  });

  it("[P7] keeps by the sender's rule", () => {
    const harness = new Harness({ profile: "aliyun" });
    const receiver = { clientId: "GID_x@@@r" };
    harness.connect(receiver).disconnect();
    const clean = harness.connect({ clientId: "GID_x@@@1" });
    clean.publish("t/p2p/GID_x@@@r", "lost", { qos: 1 });
    const kept = harness.connect({ clientId: "GID_x@@@2", cleanSession: false });
    kept.publish("t/p2p/GID_x@@@r", "kept", { qos: 1 });
    expect(harness.connect(receiver).payloads()).toEqual(["kept"]);
  });
});
