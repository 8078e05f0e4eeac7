import { describe, expect, it } from "vitest";
import { SimClient, SimSession } from "../simulation/cluster/sim-client.js";
import { StillCluster } from "../support/still-cluster.js";

describe("a kept Session and the node at which its Client connects", () => {
  it("[M33] moves there, with what it subscribes to and what waits for it", () => {
    const cluster = new StillCluster(3);
    const session = new SimSession();
    const first = cluster.connectKept("x", 0, session);
    expect(first.life.sessionPresent).toBe(false);
    cluster.subscribe(first, "t/1", 2);
    first.leave(true);
    cluster.wait(100);
    const sender = cluster.connect("s", 2);
    sender.publish("t/1", "one", 1);
    sender.publish("d/p2p/x", "two", 1);
    sender.publish("t/1", "three", 2);
    cluster.wait(200);
    const second = cluster.connectKept("x", 1, session);
    expect(second.life.sessionPresent).toBe(true);
    expect(StillCluster.texts(second)).toEqual(["one", "two", "three"]);
    sender.publish("t/1", "four", 1);
    cluster.wait(3_000);
    expect(StillCluster.texts(second)).toEqual(["one", "two", "three", "four"]);
    expect(cluster.nodes.map((node) => node.cluster.whereIs("x"))).toEqual(["n1", "n1", "n1"]);
  });

  it("[M33] goes on to a third one, whichever of the nodes has read more of the log", () => {
    const cluster = new StillCluster(4, { delayMsMax: 40 });
    const nowMs = (): number => cluster.scheduler.nowMs;
    for (let round = 0; round < 115; round += 1) {
      const session = new SimSession();
      const clientId = `x${round}`;
      cluster.connectKept(clientId, 0, session);
      new SimClient(clientId, cluster.node(1), nowMs, { session });
      cluster.wait(40 + (round % 100));
      const last = new SimClient(clientId, cluster.node(2), nowMs, { session });
      cluster.wait(400);
      const { isConnected, sessionPresent } = last.life;
      expect({ round, isConnected, sessionPresent }).toEqual({
        round,
        isConnected: true,
        sessionPresent: true,
      });
    }
  });
});
