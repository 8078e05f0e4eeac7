import { describe, expect, it } from "vitest";
import { StillCluster } from "../support/still-cluster.js";

describe("what another node has sent", () => {
  it("goes no further than this node, and is shown as it was", () => {
    const cluster = new StillCluster(3);
    const receivers = [1, 2].map((at) => cluster.connect(`r${at}`, at));
    for (const receiver of receivers) cluster.subscribe(receiver, "#");
    cluster.connect("s", 0).publish("a/b", "x", 1);
    cluster.wait(500);
    for (const { life } of receivers) {
      expect(life.received).toMatchObject([{ text: "x", qos: 1, topicName: "a/b" }]);
    }
  });

  it("[P6] [P12] a message from the owner at any node is shown under the topic it was given", () => {
    const cluster = new StillCluster(2);
    const receiver = cluster.connect("r", 1);
    const payload = new TextEncoder().encode("hi");
    cluster.node(0).turn((nowMs) => {
      const message = { parent: "d", payload, qos: 1, topicName: "shown/topic" } as const;
      cluster.node(0).broker.sendToClient("r", message, nowMs);
    });
    cluster.wait(500);
    expect(receiver.life.received).toMatchObject([
      { text: "hi", qos: 1, topicName: "shown/topic" },
    ]);
  });

  it("a Client is closed by whichever node is told so", () => {
    const cluster = new StillCluster(2);
    const client = cluster.connect("r", 1);
    cluster
      .node(0)
      .turn((nowMs) => expect(cluster.node(0).broker.disconnect("r", nowMs)).toBe(true));
    cluster.wait(500);
    expect(client.life.isConnected).toBe(false);
  });
});
