import { describe, expect, it } from "vitest";
import { KeyedStore } from "../../src/store/keyed-store.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { connectPacket, Harness, type Peer, publishPacket } from "../support/harness.js";

/** A broker over a disk that commits when the test says so. */
function slow(limits = {}): { harness: Harness; commit(): void } {
  const due: (() => void)[] = [];
  const later = (commit: () => void): void => void due.push(commit);
  const store = new KeyedStore({ backend: new MemoryBackend(), gather: later, retry: later });
  const harness = new Harness({ store, limits });
  const commit = (): void => {
    while (!store.isIdle) for (const one of due.splice(0)) one();
    harness.broker.committed(harness.nowMs);
    harness.broker.flush();
  };
  return { harness, commit };
}

function durable(harness: Harness, clientId: string, commit: () => void): Peer {
  const peer = harness.open();
  peer.send(connectPacket({ clientId, cleanSession: false }));
  expect(peer.packets()).toEqual([]);
  commit();
  expect(peer.packets()).toMatchObject([{ type: 2, returnCode: 0 }]);
  return peer;
}

describe("what waits for the disk", () => {
  it("[M26] [M5] SUBACK does, and the retained messages come behind it", () => {
    const { harness, commit } = slow();
    harness.connect({ clientId: "p" }).publish("r", "kept", { retain: true });
    commit();
    const peer = durable(harness, "a", commit);
    const requests = [{ topicFilter: "#", requestedQos: 1 as const }];
    peer.send({ type: 8, packetId: 5, requests });
    expect(peer.packets()).toEqual([]);
    commit();
    expect(peer.packets()).toMatchObject([
      { type: 9, packetId: 5 },
      { type: 3, topicName: "r", retain: true },
    ]);
    peer.send({ type: 10, packetId: 6, topicFilters: ["#"] });
    expect(peer.packets()).toEqual([]);
    commit();
    expect(peer.packets()).toMatchObject([{ type: 11, packetId: 6 }]);
  });

  it("[MQTT-4.6.0-2] acknowledgements keep the order of arrival", () => {
    const { harness, commit } = slow();
    const receiver = durable(harness, "a", commit);
    const sender = harness.connect({ clientId: "b" });
    sender.publish("x/p2p/a", "1", { qos: 1, packetId: 1 });
    sender.publish("nobody", "2", { qos: 1, packetId: 2 });
    expect(sender.packets()).toEqual([]);
    commit();
    expect(sender.packets().map((packet) => "packetId" in packet && packet.packetId)).toEqual([
      1, 2,
    ]);
    expect(receiver.publishes()).toMatchObject([{ qos: 1 }]);
  });

  it("a QoS 2 message to a kept Session does, and what comes behind it waits too", () => {
    const { harness, commit } = slow();
    const receiver = durable(harness, "a", commit);
    const sender = harness.connect({ clientId: "b" });
    sender.send(
      publishPacket("x/p2p/a", "1", { qos: 2, packetId: 1 }),
      publishPacket("x/p2p/a", "2", { qos: 1, packetId: 2 }),
    );
    expect(receiver.publishes()).toEqual([]);
    commit();
    expect(receiver.publishes().map(({ qos }) => qos)).toEqual([2, 1]);
  });

  it("[M26] PUBACK does not any more when every receiver has acknowledged the message", () => {
    const { harness, commit } = slow();
    const [one, other] = ["a", "b"].map((clientId) => durable(harness, clientId, commit));
    for (const peer of [one, other]) {
      peer?.send({ type: 8, packetId: 1, requests: [{ topicFilter: "t", requestedQos: 1 }] });
    }
    commit();
    for (const peer of [one, other]) peer?.packets();
    const sender = harness.connect({ clientId: "c" });
    sender.publish("t", "x", { qos: 1, packetId: 5 });
    one?.acknowledgeAll();
    expect(harness.broker.needsWork).toBe(false);
    other?.acknowledgeAll();
    expect(harness.broker.needsWork).toBe(true);
    expect(sender.packets()).toEqual([]);
    harness.broker.work(harness.nowMs);
    harness.broker.flush();
    expect(sender.packets()).toMatchObject([{ type: 4, packetId: 5 }]);
    expect(harness.broker.needsWork).toBe(false);
  });

  it("[M26] nor when the turn has only removed what is done", () => {
    const { harness, commit } = slow();
    const client = durable(harness, "a", commit);
    const sender = harness.connect({ clientId: "b" });
    sender.publish("x/p2p/a", "x", { qos: 1, packetId: 1 });
    commit();
    expect(sender.packets()).toMatchObject([{ type: 4, packetId: 1 }]);
    const [got] = client.publishes();
    client.send(
      { type: 4, packetId: got?.packetId ?? 0 },
      publishPacket("nobody", "y", { qos: 1, packetId: 9 }),
    );
    expect(client.packets()).toMatchObject([{ type: 4, packetId: 9 }]);
  });

  it("[M4] PUBREC does, whatever the receivers have acknowledged", () => {
    const { harness, commit } = slow();
    const receiver = durable(harness, "a", commit);
    receiver.send({ type: 8, packetId: 1, requests: [{ topicFilter: "t", requestedQos: 1 }] });
    commit();
    receiver.packets();
    const sender = durable(harness, "c", commit);
    sender.publish("t", "x", { qos: 2, packetId: 5 });
    receiver.acknowledgeAll();
    harness.broker.work(harness.nowMs);
    harness.broker.flush();
    expect(sender.packets()).toEqual([]);
    commit();
    expect(sender.packets()).toMatchObject([{ type: 5, packetId: 5 }]);
  });

  it("stops reading a publisher that is faster than the disk, until that has caught up", () => {
    const { harness, commit } = slow({ heldMax: 3 });
    durable(harness, "a", commit);
    const sender = harness.connect({ clientId: "b" });
    for (let n = 1; n <= 3; n += 1) sender.publish("x/p2p/a", "x", { qos: 1, packetId: n });
    expect(sender.link.isPaused).toBe(true);
    commit();
    expect(sender.link.isPaused).toBe(false);
    expect(sender.packets().length).toBe(3);
  });
});

describe("what a commit lets go of is more than a turn may do", () => {
  const LIMITS = { workPerTurnMax: 10 };

  /** Publishers who all wait for one commit, each for `count` acknowledgements. */
  function crowd(publishers: number, count: number) {
    const { harness, commit } = slow(LIMITS);
    const keeper = durable(harness, "keeper", commit);
    keeper.disconnect();
    commit();
    harness.work();
    const peers = Array.from({ length: publishers }, (_, at) =>
      harness.connect({ clientId: `${at}` }),
    );
    for (const peer of peers) {
      for (let id = 1; id <= count; id += 1) {
        peer.publish("x/p2p/keeper", "x", { qos: 1, packetId: id });
      }
    }
    harness.work();
    return { harness, commit, peers };
  }

  const idsOf = (peer: Peer): number[] =>
    peer.packets().map((packet) => ("packetId" in packet ? packet.packetId : 0));

  it("[M26] it goes on in slices of a bounded size, and everybody is answered once", () => {
    const { harness, commit, peers } = crowd(30, 1);
    commit();
    const counts = [peers.flatMap(idsOf).length];
    while (harness.broker.needsWork) {
      harness.broker.work(harness.nowMs);
      harness.broker.flush();
      counts.push(peers.flatMap(idsOf).length);
    }
    expect(Math.max(...counts)).toBeLessThanOrEqual(5); // a look and an acknowledgement each
    expect(counts.reduce((sum, count) => sum + count)).toBe(30);
  });

  it("[MQTT-4.6.0-2] one Client's acknowledgements keep their order, however many there are", () => {
    const { harness, commit, peers } = crowd(1, 35);
    const [peer] = peers as [Peer];
    commit();
    expect(harness.broker.needsWork).toBe(true);
    peer.publish("nobody", "y", { qos: 1, packetId: 99 }); // behind those that are not sent yet
    harness.work();
    const ids = Array.from({ length: 35 }, (_, at) => at + 1);
    expect(idsOf(peer)).toEqual([...ids, 99]);
  });

  it("[M26] what becomes durable meanwhile is let go of too", () => {
    const { harness, commit, peers } = crowd(12, 1);
    commit();
    const first = peers[0] as Peer;
    expect(idsOf(first)).toEqual([1]);
    first.publish("x/p2p/keeper", "y", { qos: 1, packetId: 2 });
    commit(); // while the others still wait for their turn
    harness.work();
    expect(idsOf(first)).toEqual([2]);
    expect(peers.slice(1).flatMap(idsOf)).toHaveLength(11);
    expect(harness.broker.needsWork).toBe(false);
  });

  it("[M07] when the server stops, what is durable is acknowledged first, and nothing is left", () => {
    const { harness, commit, peers } = crowd(30, 1);
    commit();
    harness.broker.close(harness.nowMs);
    expect(peers.flatMap(idsOf)).toHaveLength(30);
    expect(harness.broker.needsWork).toBe(false);
  });

  it("who is gone by then gets nothing", () => {
    const { harness, commit, peers } = crowd(30, 1);
    commit();
    const last = peers.at(-1) as Peer;
    last.cut();
    harness.work();
    expect(idsOf(last)).toEqual([]);
    expect(peers.flatMap(idsOf)).toHaveLength(29);
  });
});
