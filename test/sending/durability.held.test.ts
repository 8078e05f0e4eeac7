import { describe, expect, it } from "vitest";
import { type Answer, PacketType, type Policy } from "../../src/engine.js";
import { connectPacket, Harness, type Peer, textOf } from "../support/harness.js";
import { SlowDisk, slowStore } from "../support/slow-store.js";

/** A broker over a disk that makes nothing durable before the test says so. */
function overSlowDisk(options: ConstructorParameters<typeof Harness>[0] = {}): {
  readonly harness: Harness;
  readonly commit: () => void;
} {
  const disk = new SlowDisk();
  const store = slowStore(disk);
  const harness = new Harness({ ...options, store });
  store.onCommitted = () => harness.broker.committed(harness.nowMs);
  return {
    harness,
    commit: () => {
      disk.finishAll();
      harness.broker.flush();
    },
  };
}

/** A Client with a kept Session, accepted. */
function keptClient(harness: Harness, commit: () => void, clientId = "R"): Peer {
  const peer = harness.open();
  peer.send(connectPacket({ clientId, cleanSession: false }));
  commit();
  peer.first(PacketType.CONNACK);
  return peer;
}

describe("while the disk takes its time", () => {
  it("[M26] at the bound of what waits a publisher is read, one past it not, until the disk is done", () => {
    const { harness, commit } = overSlowDisk({ limits: { heldMax: 3 } });
    const receiver = keptClient(harness, commit);
    receiver.send({
      type: PacketType.SUBSCRIBE,
      packetId: 1,
      requests: [{ topicFilter: "t", requestedQos: 1 }],
    });
    commit();
    const sender = harness.connect({ clientId: "S" });
    for (const packetId of [1, 2]) sender.publish("t", "x", { qos: 1, packetId });
    expect(sender.link.isPaused).toBe(false);
    sender.publish("t", "x", { qos: 1, packetId: 3 });
    expect(sender.link.isPaused).toBe(true);
    expect(sender.packets()).toEqual([]);
    commit();
    expect(sender.link.isPaused).toBe(false);
    expect(sender.packets()).toMatchObject([{ packetId: 1 }, { packetId: 2 }, { packetId: 3 }]);
  });

  it("[M26] [M14] a resumed Session with more to hold than the bound is accepted, and not read", () => {
    let answer: Answer | undefined;
    const policy: Policy = {
      authenticate: ({ username }, tell) => {
        if (username === "later") answer = tell;
        else tell({ kind: "accepted" }, harness.nowMs);
      },
    };
    const { harness, commit } = overSlowDisk({
      limits: { heldMax: 3 },
      policy,
      takeOverBy: "anyone",
    });
    keptClient(harness, commit).cut();
    const sender = harness.connect({ clientId: "S" });
    for (let packetId = 1; packetId <= 5; packetId += 1) {
      sender.publish("x/p2p/R", "m", { qos: 2, packetId });
    }
    commit();
    const receiver = harness.open();
    receiver.send(connectPacket({ clientId: "R", cleanSession: false, username: "later" }));
    expect(receiver.link.isPaused).toBe(true);
    answer?.({ kind: "accepted" }, harness.nowMs);
    harness.broker.flush();
    // Its five messages wait until their identifiers are durable: more than may be held.
    expect(receiver.packets()).toMatchObject([{ type: PacketType.CONNACK, sessionPresent: true }]);
    expect(receiver.link.isPaused).toBe(true);
    commit();
    expect(receiver.publishes()).toHaveLength(5);
    expect(receiver.link.isPaused).toBe(false);
  });

  it("QoS 0 does not overtake a QoS 2 message of the same publisher that waits for the disk", () => {
    const { harness, commit } = overSlowDisk();
    const receiver = keptClient(harness, commit);
    const sender = harness.connect({ clientId: "S" });
    sender.publish("x/p2p/R", "1", { qos: 2 });
    sender.publish("x/p2p/R", "2");
    expect(receiver.packets()).toEqual([]);
    commit();
    receiver.pubrec(1);
    commit();
    receiver.pubcomp(1);
    commit();
    expect(receiver.payloads()).toEqual(["1", "2"]);
  });

  it("[P10] what comes for a Client about to be accepted stands behind what its inbox holds", () => {
    for (const offline of ["sender", "both"] as const) {
      const { harness, commit } = overSlowDisk({ pointToPoint: { offline } });
      const sender = keptClient(harness, commit, "S");
      const send = (payload: string, packetId: number): void =>
        sender.publish("x/p2p/R", payload, { qos: 1, packetId });
      send("1", 1);
      commit();
      const receiver = harness.open();
      receiver.send(connectPacket({ clientId: "R", cleanSession: false }));
      send("2", 2); // its CONNECT is here, its CONNACK waits for the disk
      commit();
      send("3", 3);
      commit();
      expect(receiver.first(PacketType.CONNACK).returnCode).toBe(0);
      expect(receiver.payloads()).toEqual(["1", "2", "3"]);
      expect(harness.broker.stats.pointToPointKept).toBe(0);
    }
  });

  it("[P10] and also when that acceptance came to nothing", () => {
    const { harness, commit } = overSlowDisk({ pointToPoint: { offline: "both" } });
    const sender = keptClient(harness, commit, "S");
    sender.publish("x/p2p/R", "1", { qos: 1, packetId: 1 });
    commit();
    const cut = harness.open();
    cut.send(connectPacket({ clientId: "R", cleanSession: false }));
    cut.cut();
    sender.publish("x/p2p/R", "2", { qos: 1, packetId: 2 });
    commit();
    const receiver = keptClient(harness, commit);
    expect(receiver.acknowledgeAll().map(({ payload }) => textOf(payload))).toEqual(["1", "2"]);
  });

  it("[M2] [B09] a Client that is cut before its CONNACK leaves no Will, and no bytes of one", () => {
    const { harness, commit } = overSlowDisk();
    const witness = harness.connect({ clientId: "W" });
    witness.subscribe("will");
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a", will: { topicName: "will" } }));
    expect(harness.broker.stats.willBytes).toBe("will".length + "gone".length);
    peer.cut();
    commit();
    expect(witness.packets()).toEqual([]);
    expect(harness.broker.stats.willBytes).toBe(0);
    expect(harness.broker.gauges.sessions).toBe(1);
  });

  it("[B17] a disk that never comes back: CONNACK 3 after the limit", () => {
    const { harness } = overSlowDisk();
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a", cleanSession: false }));
    harness.advance(21_000);
    expect(peer.first(PacketType.CONNACK).returnCode).toBe(3);
    expect(peer.isClosed).toBe(true);
  });

  it("[J04] [M26] a Session that is known is resumed at once, and gives what it has at QoS 1", () => {
    const { harness, commit } = overSlowDisk();
    keptClient(harness, commit).cut();
    commit();
    const sender = harness.connect({ clientId: "S" });
    sender.publish("x/p2p/R", "1", { qos: 1, packetId: 1 });
    commit();
    const back = harness.open();
    back.send(connectPacket({ clientId: "R", cleanSession: false }));
    expect(back.first(PacketType.CONNACK)).toMatchObject({ sessionPresent: true, returnCode: 0 });
    expect(back.acknowledgeAll().map(({ payload }) => textOf(payload))).toEqual(["1"]);
  });

  it("[M26] but not one whose own record waits, nor one that comes with a Will", () => {
    const { harness, commit } = overSlowDisk();
    const fresh = harness.open();
    fresh.send(connectPacket({ clientId: "R", cleanSession: false }));
    fresh.cut();
    const again = harness.open();
    again.send(connectPacket({ clientId: "R", cleanSession: false }));
    expect(again.packets()).toEqual([]);
    commit();
    expect(again.first(PacketType.CONNACK).sessionPresent).toBe(true);
    again.cut();
    commit();
    const withWill = harness.open();
    withWill.send(connectPacket({ clientId: "R", cleanSession: false, will: { topicName: "w" } }));
    expect(withWill.packets()).toEqual([]);
    commit();
    expect(withWill.first(PacketType.CONNACK).sessionPresent).toBe(true);
  });

  it("[M4] and what it has at QoS 2 waits until its identifier is durable", () => {
    const { harness, commit } = overSlowDisk();
    const receiver = keptClient(harness, commit);
    const sender = harness.connect({ clientId: "S" });
    sender.publish("x/p2p/R", "1", { qos: 2, packetId: 1 });
    receiver.cut(); // its message is in flight, and never left
    const back = harness.open();
    back.send(connectPacket({ clientId: "R", cleanSession: false }));
    back.first(PacketType.CONNACK);
    expect(back.packets()).toEqual([]);
    commit();
    expect(back.publishes()).toMatchObject([{ qos: 2, dup: true }]);
  });

  it("[M1] a third connection takes over from one that still waits", () => {
    const { harness, commit } = overSlowDisk();
    const first = harness.open();
    first.send(connectPacket({ clientId: "a", cleanSession: false }));
    const second = harness.open();
    second.send(connectPacket({ clientId: "a", cleanSession: false }));
    expect(first.isClosed).toBe(true);
    commit();
    expect(first.packets()).toEqual([]);
    expect(second.first(PacketType.CONNACK)).toMatchObject({ returnCode: 0 });
    expect(harness.broker.gauges.sessions).toBe(1);
    expect(harness.broker.disconnect("a", harness.nowMs)).toBe(true);
  });

  it("[M2] the owner may disconnect one that still waits", () => {
    const { harness, commit } = overSlowDisk();
    const peer = harness.open();
    peer.send(connectPacket({ clientId: "a", cleanSession: false }));
    expect(harness.broker.disconnect("a", harness.nowMs)).toBe(true);
    commit();
    expect(peer.isClosed).toBe(true);
    expect(peer.packets()).toEqual([]);
  });
});
