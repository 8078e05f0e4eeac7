import { describe, expect, it } from "vitest";
import { PeerAck } from "../../src/cluster/peer-ack.js";
import { StillCluster } from "../support/still-cluster.js";

describe("the acknowledgement to another node", () => {
  it("waits for everybody that was handed the message on", () => {
    const cluster = new StillCluster(3);
    const sender = cluster.connect("s", 0);
    cluster.connect("r", 1);
    cluster.node(2).process.pause();
    const sent = sender.publish("d/p2p/r", "1", 2);
    cluster.wait(500);
    expect(sent.ackedMs).toBeGreaterThan(0); // who is not concerned keeps nobody waiting
  });

  it("is written for the last of them only", () => {
    const connection = { phase: 4, isPeer: true }; // closed: nothing may be written
    const ack = new PeerAck({} as never, connection as never, 1, 7);
    expect(ack.take()).toBe(ack);
    ack.settle();
    ack.fail();
    expect(() => {
      connection.phase = 2;
      new PeerAck({} as never, connection as never, 1, 7).settle();
    }).toThrow(); // there it would be
  });
});
