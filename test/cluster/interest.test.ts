import { describe, expect, it } from "vitest";
import { StillCluster } from "../support/still-cluster.js";

const wants = (cluster: StillCluster, at: number) =>
  cluster
    .node(at)
    .cluster.status(0)
    .nodes.map(({ name, wants: count }) => `${name} ${count}`);

describe("interest", () => {
  it("others know what somebody at a node subscribes to, once, for as long as anybody does", () => {
    const cluster = new StillCluster(2);
    const one = cluster.connect("x", 0);
    const other = cluster.connect("y", 0);
    cluster.subscribe(one, "t/#");
    cluster.subscribe(other, "t/#");
    expect(wants(cluster, 1)).toEqual(["n0 1", "n1 0"]);
    one.leave(true);
    cluster.wait(100);
    expect(wants(cluster, 1)).toEqual(["n0 1", "n1 0"]);
    other.leave(true);
    cluster.wait(100);
    expect(wants(cluster, 1)).toEqual(["n0 0", "n1 0"]);
  });

  it("SUBACK waits until the log has it", () => {
    const cluster = new StillCluster(2);
    const client = cluster.connect("x", 0);
    cluster.node(0).fabric.isCut = true;
    client.subscribe("t", 1);
    cluster.wait(2_000);
    expect(client.life.subscribed.size).toBe(0);
    cluster.node(0).fabric.mend();
    cluster.wait(2_000);
    expect([...client.life.subscribed.keys()]).toEqual(["t"]);
  });

  it("[P4] one's own inbox is nobody else's business, and others' filters are nobody's Subscriptions", () => {
    const cluster = new StillCluster(2);
    cluster.subscribe(cluster.connect("x", 0), "d/p2p/x");
    cluster.subscribe(cluster.connect("y", 0), "t");
    expect(wants(cluster, 1)).toEqual(["n0 1", "n1 0"]);
    expect(cluster.node(1).broker.gauges.subscriptions).toBe(0);
  });
});
