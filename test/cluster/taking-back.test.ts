import { describe, expect, it } from "vitest";
import { StillCluster } from "../support/still-cluster.js";

describe("what a node had not acknowledged when it died", () => {
  it("goes where its receiver is then, in its order and in front of what was sent later", () => {
    const cluster = new StillCluster(3);
    const sender = cluster.connect("s", 0);
    cluster.connect("r", 1);
    cluster.node(1).process.pause();
    const sent = ["one", "two", "three"].map((text) => sender.publish("d/p2p/r", text, 1));
    cluster.wait(1_000);
    cluster.node(1).crash();
    const receiver = cluster.connect("r", 2);
    const later = sender.publish("d/p2p/r", "later", 1);
    cluster.wait(20_000);
    expect(receiver.life.isConnected).toBe(true);
    expect(StillCluster.texts(receiver)).toEqual(["one", "two", "three", "later"]);
    expect([...sent, later].every(({ ackedMs }) => ackedMs > 0)).toBe(true);
  });

  it("[M30] goes to another member of the group", () => {
    const cluster = new StillCluster(3);
    const sender = cluster.connect("s", 0);
    const members = [1, 2].map((at) => cluster.connect(`m${at}`, at));
    for (const member of members) cluster.subscribe(member, "$share/g/t");
    cluster.node(1).process.pause();
    const sent = ["one", "two"].map((text) => sender.publish("t", text, 1)); // one to each node
    cluster.wait(1_000);
    expect(sent.filter(({ ackedMs }) => ackedMs > 0)).toHaveLength(1);
    cluster.node(1).crash();
    cluster.wait(20_000);
    expect(members.map(StillCluster.texts)).toEqual([[], expect.arrayContaining(["one", "two"])]);
    expect(sent.every(({ ackedMs }) => ackedMs > 0)).toBe(true);
  });

  it("by Subscriptions there is for nobody else: it counts as dropped, and is acknowledged", () => {
    const cluster = new StillCluster(2);
    const sender = cluster.connect("s", 0);
    cluster.subscribe(cluster.connect("r", 1), "t");
    cluster.node(1).process.pause();
    const sent = sender.publish("t", "one", 1);
    cluster.wait(1_000);
    expect(sent.ackedMs).toBe(0);
    cluster.node(1).crash();
    cluster.wait(20_000);
    expect(sent.ackedMs).toBeGreaterThan(0);
    expect([...cluster.node(0).drops]).toEqual([["session-ended", 1]]);
  });
});
