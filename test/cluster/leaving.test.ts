import { describe, expect, it } from "vitest";
import { SimClient, SimSession } from "../simulation/cluster/sim-client.js";
import { StillCluster } from "../support/still-cluster.js";

describe("a node that is to stop", () => {
  it("[M33] gives the Sessions it keeps to others, with what waits in them", () => {
    const cluster = new StillCluster(3);
    const sessions = [0, 1, 2, 3, 4, 5].map(() => new SimSession());
    for (const [at, session] of sessions.entries()) {
      const client = cluster.connectKept(`x${at}`, 0, session);
      cluster.subscribe(client, "t/1", 2);
      client.leave(true);
    }
    cluster.wait(100);
    cluster.connect("s", 1).publish("t/1", "one", 2);
    cluster.wait(200);
    const node = cluster.node(0);
    node.turn((nowMs) => node.broker.close(nowMs));
    node.turn((nowMs) => node.cluster.giveAway(nowMs));
    cluster.wait(1_000);
    expect(node.cluster.hasGivenAway).toBe(true);
    const homes = sessions.map((_, at) => cluster.node(1).cluster.whereIs(`x${at}`));
    expect(new Set(homes)).toEqual(new Set(["n1", "n2"]));
    node.turn((nowMs) => node.cluster.leave(nowMs));
    cluster.wait(500);
    for (const [at, session] of sessions.entries()) {
      const client = cluster.connectKept(`x${at}`, 1, session);
      expect(client.life.sessionPresent).toBe(true);
      expect(StillCluster.texts(client)).toEqual(["one"]);
    }
  });

  it("[M33] gives away more than may be under way at once without waiting for the next tick", () => {
    const cluster = new StillCluster(2);
    for (let at = 0; at < 450; at += 1) {
      new SimClient(`x${at}`, cluster.node(0), () => cluster.scheduler.nowMs, {
        session: new SimSession(),
      });
    }
    cluster.wait(1_000);
    const node = cluster.node(0);
    expect(node.broker.stats.connectsAccepted).toBe(450);
    node.turn((nowMs) => node.broker.close(nowMs));
    cluster.wait(200);
    node.turn((nowMs) => node.cluster.giveAway(nowMs));
    cluster.wait(240); // ticks are 250 ms apart
    expect(node.cluster.departures).toEqual({ handedOver: 450, left: 0, connected: 0 });
    expect(node.cluster.isEmpty).toBe(true);
  });

  it("says so: others that go give nothing to it, and it takes nobody any more", () => {
    const cluster = new StillCluster(3);
    const session = new SimSession();
    cluster.connectKept("x", 0, session).leave(true);
    const beside = cluster.connect("y", 0);
    const [first, second] = [cluster.node(0), cluster.node(1)];
    second.turn((nowMs) => second.cluster.drain(nowMs));
    cluster.wait(50);
    first.turn((nowMs) => first.cluster.drain(nowMs));
    cluster.wait(1_000);
    expect(beside.life.isConnected).toBe(false);
    expect(cluster.node(2).cluster.whereIs("x")).toBe("n2");
    const { nodes } = cluster.node(2).cluster.status(cluster.scheduler.nowMs);
    const leaving = nodes.filter(({ isLeaving }) => isLeaving).map(({ name }) => name);
    expect(leaving.sort()).toEqual(["n0", "n1"]);
    const refused = cluster.connect("z", 0);
    expect(refused.life.turnedAwayMs).toBeGreaterThan(0); // CONNACK 3
    expect(first.broker.stats.refusals.get("node-leaving")).toBe(1);
  });

  it("says so to a node that joins later, and has nobody to give to when all others go", () => {
    const cluster = new StillCluster(1);
    const node = cluster.node(0);
    node.turn((nowMs) => node.cluster.drain(nowMs));
    expect(node.cluster.hasHeirs).toBe(false);
    const later = cluster.addNode("n1");
    cluster.wait(2_000);
    const { nodes } = later.cluster.status(cluster.scheduler.nowMs);
    expect(nodes.map(({ name, isLeaving }) => [name, isLeaving])).toEqual([
      ["n0", true],
      ["n1", false],
    ]);
    expect(node.cluster.hasHeirs).toBe(true);
    later.turn((nowMs) => later.cluster.drain(nowMs));
    cluster.wait(1_000);
    expect(node.cluster.hasHeirs).toBe(false);
  });
});
