import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/engine.js";
import { StillCluster } from "../support/still-cluster.js";

describe("a node", () => {
  it("[L04] stopped and continued it closes its Clients before it does anything else", () => {
    const cluster = new StillCluster(2);
    const first = cluster.connect("r", 0);
    cluster.node(0).process.pause();
    cluster.wait(17_000);
    const second = cluster.connect("r", 1);
    expect(second.life.isConnected).toBe(true);
    cluster.connect("s", 1).publish("d/p2p/r", "hi", 1);
    cluster.wait(100);
    cluster.node(0).process.goOn();
    cluster.wait(1_000);
    expect([first.life.isConnected, second.life.isConnected]).toEqual([false, true]);
    expect([StillCluster.texts(first), StillCluster.texts(second)]).toEqual([[], ["hi"]]);
  });

  it("a CONNECT that the others do not answer is turned away at limits.claimTimeoutMs, not before", () => {
    const cluster = new StillCluster(2);
    cluster.node(0).fabric.isCut = true;
    const client = cluster.connect("r", 0);
    const waitsUntilMs = cluster.scheduler.nowMs - 100 + DEFAULT_LIMITS.claimTimeoutMs;
    // The lease ends first, and closes who waits: they come again, to another node.
    cluster.wait(10_000);
    expect(client.life.endedMs).toBe(Number.POSITIVE_INFINITY);
    cluster.wait(waitsUntilMs - cluster.scheduler.nowMs + 2_000);
    expect(client.life.connectedMs).toBe(0);
    expect(client.life.endedMs).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  it("[L03] what is not ours in its inbox is counted, and does nothing", () => {
    const cluster = new StillCluster(1);
    cluster.node(0).turn((nowMs) => cluster.node(0).cluster.arrived(Uint8Array.of(9, 9), nowMs));
    expect(cluster.node(0).cluster.status(0).foreign).toBe(1);
  });

  it("that leaves is missed by nobody", () => {
    const cluster = new StillCluster(2);
    cluster.connect("r", 0);
    cluster.node(0).turn((nowMs) => cluster.node(0).broker.close(nowMs));
    cluster.node(0).turn((nowMs) => cluster.node(0).cluster.leave(nowMs));
    cluster.wait(500);
    expect(cluster.node(0).cluster.isStopped).toBe(true);
    expect(
      cluster
        .node(1)
        .cluster.status(0)
        .nodes.map(({ name }) => name),
    ).toEqual(["n1"]);
    expect(cluster.connect("r", 1).life.isConnected).toBe(true);
  });
});
