import { describe, expect, it } from "vitest";
import { SimSession } from "../simulation/cluster/sim-client.js";
import { StillCluster } from "../support/still-cluster.js";

describe("the parts of a node", () => {
  it("[M33] one that dies while a Session comes to it leaves that where it was", () => {
    const cluster = new StillCluster(3);
    const session = new SimSession();
    const first = cluster.connectKept("x", 0, session);
    cluster.subscribe(first, "t/1", 1);
    first.leave(true);
    cluster.wait(100);
    const node = cluster.node(1);
    node.fabric.isCut = true; // it asks, and nobody hears of it
    cluster.connectKept("x", 1, session);
    node.crash();
    cluster.connect("s", 2).publish("t/1", "one", 1);
    cluster.wait(20_000);
    const third = cluster.connectKept("x", 2, session);
    expect(third.life.sessionPresent).toBe(true);
    expect(StillCluster.texts(third)).toEqual(["one"]);
  });
});
