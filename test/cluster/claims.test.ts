import { describe, expect, it } from "vitest";
import { SimClient } from "../simulation/cluster/sim-client.js";
import { StillCluster } from "../support/still-cluster.js";

describe("who has a Client", () => {
  it("[M1] [P16] [L05] whoever connects to another node is closed where it was before", () => {
    const cluster = new StillCluster(3);
    const first = cluster.connect("x", 0);
    expect(first.life.isConnected).toBe(true);
    const second = cluster.connect("x", 1);
    expect([first.life.isConnected, second.life.isConnected]).toEqual([false, true]);
    expect(cluster.nodes.map((node) => node.cluster.whereIs("x"))).toEqual(["n1", "n1", "n1"]);
  });

  it("[L05] of three at once one stays", () => {
    const cluster = new StillCluster(3);
    const now = () => cluster.scheduler.nowMs;
    const clients = cluster.nodes.map((node) => new SimClient("x", node, now));
    cluster.wait(2_000);
    expect(clients.filter(({ life }) => life.isConnected)).toHaveLength(1);
  });

  it("nobody has a Client that is gone", () => {
    const cluster = new StillCluster(2);
    cluster.connect("x", 0).leave(true);
    cluster.wait(100);
    expect(cluster.node(1).cluster.whereIs("x")).toBeUndefined();
  });
});
