import { describe, expect, it } from "vitest";
import { StillCluster } from "../support/still-cluster.js";

describe("the other nodes", () => {
  it("are no connections of Clients, and leave nothing behind", () => {
    const cluster = new StillCluster(3);
    const { broker } = cluster.node(0);
    expect([broker.stats.connectionsOpened, broker.gauges.sessions]).toEqual([0, 0]);
    cluster.subscribe(cluster.connect("r", 1), "t");
    cluster.node(1).crash();
    cluster.wait(20_000);
    const { nodes } = cluster.node(0).cluster.status(0);
    expect(nodes.map(({ name }) => name).sort()).toEqual(["n0", "n2"]);
    const sent = cluster.connect("s", 0).publish("t", "1", 1);
    cluster.wait(500);
    expect(sent.ackedMs).toBeGreaterThan(0);
  });
});
