import { describe, expect, it } from "vitest";
import { Harness, type Peer } from "../support/harness.js";

/** Clients who are all subscribed to each other's Will. */
function crowd(harness: Harness, count: number): Peer[] {
  return Array.from({ length: count }, (_, at) => {
    const will = { topicName: "will", payload: Uint8Array.of(0x41 + at) };
    const peer = harness.connect({ clientId: `c${at}`, will });
    peer.subscribe("will");
    return peer;
  });
}

describe("what a Client whose connection has ended has left to be done", () => {
  it("[T6] Wills of many at once wait until all connections are closed, and are sent to nobody gone", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 100 } });
    const peers = crowd(harness, 20);
    const witness = harness.connect({ clientId: "witness" });
    witness.subscribe("will");
    harness.broker.isPostponing = true; // one round of the event loop brings all the ends
    for (const peer of peers) peer.cut();
    harness.broker.isPostponing = false;
    const before = harness.broker.stats.messagesSent;
    harness.work();
    expect(witness.payloads()).toHaveLength(20);
    expect(harness.broker.stats.messagesSent - before).toBe(20);
    expect(peers.every(({ isClosed }) => isClosed)).toBe(true);
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  it("[T6] connections that end in one turn get nothing in it, nor while their end is pending", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 30 } });
    const peers = crowd(harness, 10);
    harness.broker.isPostponing = true;
    for (const peer of peers) peer.send(Uint8Array.of(0)); // breaks the protocol
    harness.broker.isPostponing = false;
    harness.work();
    expect(peers.every(({ isClosed }) => isClosed)).toBe(true);
    expect(harness.broker.gauges.sessions).toBe(0);
  });

  it("[B09] a Will counts against limits.willBytesMax until it is passed on", () => {
    const harness = new Harness();
    const [peer] = crowd(harness, 1) as [Peer];
    harness.broker.isPostponing = true;
    peer.cut();
    expect(harness.broker.stats.willBytes).toBeGreaterThan(0);
    harness.broker.isPostponing = false;
    harness.work();
    expect(harness.broker.stats.willBytes).toBe(0);
  });

  it("[M07] when the server stops, Wills of those who have one reach those who have none", () => {
    const harness = new Harness({ limits: { workPerTurnMax: 1 } });
    const peers = crowd(harness, 5);
    const witness = harness.connect({ clientId: "witness" });
    witness.subscribe("will");
    harness.work();
    witness.packets();
    harness.broker.close(harness.nowMs);
    expect(witness.payloads().sort().join("")).toBe("ABCDE");
    expect([...peers, witness].every(({ isClosed }) => isClosed)).toBe(true);
    expect(harness.broker.needsWork).toBe(false);
  });
});
