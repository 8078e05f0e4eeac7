import { describe, expect, it } from "vitest";
import { StillCluster } from "../support/still-cluster.js";

describe("another node as a Session", () => {
  it("[M24] one that takes nothing has what is for it kept here, and nobody else waits", () => {
    const cluster = new StillCluster(3);
    const sender = cluster.connect("s", 0);
    const receivers = [1, 2].map((at) => cluster.connect(`r${at}`, at));
    for (const receiver of receivers) cluster.subscribe(receiver, "t", 0);
    cluster.node(1).process.pause();
    for (let count = 0; count < 20; count += 1) sender.publish("t", `${count}`, 0);
    cluster.wait(1_000);
    expect(receivers.map(({ life }) => life.received.length)).toEqual([0, 20]);
    const slow = cluster
      .node(0)
      .cluster.status(0)
      .nodes.find(({ name }) => name === "n1");
    expect(slow?.unsentBytes).toBeGreaterThan(0);
    cluster.node(1).process.goOn();
    cluster.wait(3_000);
    expect(receivers.map(({ life }) => life.received.length)).toEqual([20, 20]);
  });
});
