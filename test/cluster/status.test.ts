import { describe, expect, it } from "vitest";
import { StillCluster } from "../support/still-cluster.js";

describe("the status of a cluster", () => {
  it("says who is a member, how many Clients each has, and when it was heard last", () => {
    const cluster = new StillCluster(2);
    cluster.connect("a", 0);
    cluster.connect("b", 1);
    cluster.connect("c", 1);
    const { nowMs } = cluster.scheduler;
    const status = cluster.node(0).cluster.status(nowMs);
    expect(status).toMatchObject({
      nodeName: "n0",
      isServing: true,
      waitingConnects: 0,
      foreign: 0,
    });
    expect(status.nodes.map(({ name, holds }) => [name, holds])).toEqual([
      ["n0", 1],
      ["n1", 2],
    ]);
    for (const { silentMs } of status.nodes) expect(silentMs).toBeLessThan(1_500);
    expect(status.lagMs).toBeGreaterThan(0);
  });
});
