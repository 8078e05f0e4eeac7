import { describe, expect, it } from "vitest";
import { StillCluster } from "../support/still-cluster.js";

describe("joining", () => {
  it("a newcomer knows who is where and who wants what, however long ago that was said", () => {
    const cluster = new StillCluster(2);
    const receivers = [0, 1].map((at) => cluster.connect(`r${at}`, at));
    for (const receiver of receivers) cluster.subscribe(receiver, "t");
    cluster.wait(120_000);
    cluster.addNode("n2");
    cluster.wait(1_000);
    const sender = cluster.connect("s", 2);
    sender.publish("d/p2p/r0", "direct", 1);
    sender.publish("t", "all", 1);
    cluster.wait(500);
    expect(receivers.map(StillCluster.texts)).toEqual([["direct", "all"], ["all"]]);
    const [one, other] = [0, 2].map((at) => cluster.node(at).cluster.status(0).nodes);
    const facts = (nodes: typeof one) =>
      nodes?.map(({ name, holds, wants }) => [name, holds, wants]).sort();
    expect(facts(other)).toEqual(facts(one));
  });

  it("[L04] waits for a member that is gone until it is known to be, and then knows the same as all", () => {
    const cluster = new StillCluster(3);
    cluster.connect("r", 1);
    cluster.node(1).crash();
    cluster.addNode("n3");
    cluster.wait(1_000);
    expect(cluster.node(3).cluster.status(cluster.scheduler.nowMs).isServing).toBe(false);
    cluster.wait(20_000);
    expect(cluster.node(3).cluster.status(cluster.scheduler.nowMs).isServing).toBe(true);
    expect(cluster.node(3).cluster.whereIs("r")).toBeUndefined();
  });

  it("a node that comes back under its name is a member at once", () => {
    const cluster = new StillCluster(2);
    cluster.connect("r", 1);
    cluster.node(1).crash();
    cluster.node(1).start();
    cluster.wait(1_000);
    expect(cluster.connect("r", 1).life.isConnected).toBe(true);
    expect(cluster.node(0).cluster.whereIs("r")).toBe("n1");
  });
});
