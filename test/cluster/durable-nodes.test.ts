import { describe, expect, it } from "vitest";
import { MemoryBackend, memoryStore } from "../../src/store/memory-store.js";
import { SimSession } from "../simulation/cluster/sim-client.js";
import { bytesOf } from "../support/harness.js";
import { StillCluster } from "../support/still-cluster.js";

/** A client of the first node that subscribes to `t/1`, and has gone. */
function sleeper(cluster: StillCluster, session = new SimSession()): SimSession {
  const first = cluster.connectKept("x", 0, session);
  cluster.subscribe(first, "t/1", 2);
  first.leave(true);
  cluster.wait(100);
  return session;
}

describe("[M34] nodes that keep their Sessions", () => {
  it("a node that is killed and started again has its Sessions, with all that was acknowledged", () => {
    const cluster = new StillCluster(3, { areDurable: true });
    const session = sleeper(cluster);
    const sender = cluster.connect("s", 1);
    sender.publish("t/1", "one", 1);
    sender.publish("d/p2p/x", "two", 1);
    cluster.wait(200);
    cluster.node(0).crash();
    cluster.node(0).start();
    cluster.wait(1_000);
    const again = cluster.connectKept("x", 0, session);
    expect(again.life.sessionPresent).toBe(true);
    expect(StillCluster.texts(again)).toEqual(["one", "two"]);
  });

  it.each([
    ["the node that has accepted it", [1]],
    ["the node of its receiver", [0]],
    ["every node", [0, 1, 2]],
  ])(
    "[L06] %s may be killed the moment a message is acknowledged: it is sent later",
    (_, killed) => {
      const cluster = new StillCluster(3, { areDurable: true });
      const session = sleeper(cluster);
      const sender = cluster.connect("s", 1);
      const sent = ["t/1", "d/p2p/x"].map((topicName) => sender.publish(topicName, topicName, 1));
      const areAcked = () => sent.every(({ ackedMs }) => ackedMs > 0);
      for (let ms = 0; ms < 1_000 && !areAcked(); ms += 1) cluster.wait(1);
      expect(areAcked()).toBe(true);
      for (const at of killed) cluster.node(at).crash();
      cluster.wait(1_000);
      for (const at of killed) cluster.node(at).start();
      cluster.wait(2_000);
      const again = cluster.connectKept("x", 2, session);
      cluster.wait(1_000);
      expect(again.life.sessionPresent).toBe(true);
      expect(new Set(StillCluster.texts(again))).toEqual(new Set(["t/1", "d/p2p/x"]));
    },
  );

  it("one that has passed a Session on, and starts again, passes on what still comes for that", () => {
    const cluster = new StillCluster(4, { areDurable: true });
    const session = sleeper(cluster);
    const sender = cluster.connect("s", 3);
    // The sender's node does not read that it goes, and sends it to where it was: it is passed on from there.
    cluster.node(3).fabric.isCut = true;
    const sent = sender.publish("t/1", "one", 2);
    const passed = cluster.connectKept("x", 1, session);
    passed.leave(true);
    const last = cluster.connectKept("x", 2, session);
    cluster.wait(500);
    expect([passed, last].map(({ life }) => life.sessionPresent)).toEqual([true, true]);
    cluster.node(1).process.pause();
    cluster.node(3).fabric.mend();
    cluster.wait(1_000);
    expect([sent.ackedMs, StillCluster.texts(last)]).toEqual([0, []]); // it is on its way over that node
    cluster.node(1).crash();
    cluster.node(1).start();
    cluster.wait(3_000);
    expect(StillCluster.texts(last)).toEqual(["one"]);
    expect(sent.ackedMs).toBeGreaterThan(0);
  });

  it("what is sent while it is down and not known to be waits for it, and its acknowledgement too", () => {
    const cluster = new StillCluster(3, { areDurable: true });
    const session = sleeper(cluster);
    const sender = cluster.connect("s", 1);
    cluster.node(0).crash();
    const sent = ["t/1", "d/p2p/x", "t/1"].map((topicName, at) =>
      sender.publish(topicName, `${at}`, 1),
    );
    cluster.wait(5_000);
    expect(sent.map(({ ackedMs }) => ackedMs)).toEqual([0, 0, 0]);
    cluster.node(0).start();
    cluster.wait(1_000);
    expect(sent.every(({ ackedMs }) => ackedMs > 0)).toBe(true);
    const again = cluster.connectKept("x", 0, session);
    expect(again.life.sessionPresent).toBe(true);
    expect(StillCluster.texts(again).sort()).toEqual(["0", "1", "2"]);
  });

  it("who waits at another node for a Session of a node that is down gets it when that is back", () => {
    const cluster = new StillCluster(3, { areDurable: true });
    const session = sleeper(cluster);
    cluster.connect("s", 1).publish("t/1", "one", 1);
    cluster.wait(200);
    cluster.node(0).crash();
    const waiting = cluster.connectKept("x", 2, session);
    expect(waiting.life.isConnected).toBe(false);
    cluster.node(0).start();
    cluster.wait(2_000);
    expect(waiting.life.sessionPresent).toBe(true);
    expect(StillCluster.texts(waiting)).toEqual(["one"]);
    // What has left is not there any more, whatever happens to either.
    for (const at of [0, 2]) {
      cluster.node(at).crash();
      cluster.node(at).start();
      cluster.wait(2_000);
    }
    expect(cluster.nodes.map(({ cluster: node }) => node.whereIs("x"))).toEqual(["n2", "n2", "n2"]);
    expect(cluster.node(0).broker.view.client("x")).toBeUndefined();
  });

  it("a node that joins while another one goes through what it has inherited knows the same as all", () => {
    const cluster = new StillCluster(3, { areDurable: true });
    sleeper(cluster);
    cluster.connect("gone", 0); // its Session ends with its node
    cluster.node(0).crash();
    cluster.node(0).start();
    cluster.addNode("n3");
    cluster.wait(2_000);
    const facts = cluster.nodes.map((node) =>
      node.cluster
        .status(0)
        .nodes.map(({ name, holds, wants }) => [name, holds, wants])
        .sort(),
    );
    for (const other of facts) expect(other).toEqual(facts[0]);
    expect(facts[0]).toContainEqual(["n0", 1, 1]);
  });

  it("a node that was taken for down finds what nobody else has begun anew", () => {
    const cluster = new StillCluster(3, { areDurable: true });
    const session = sleeper(cluster);
    const other = new SimSession();
    cluster.connectKept("y", 0, other).leave(true);
    cluster.wait(100);
    cluster.node(0).crash();
    cluster.wait(25_000);
    expect(cluster.connectKept("y", 1, other).life.sessionPresent).toBe(false);
    cluster.node(0).start();
    cluster.wait(2_000);
    expect(cluster.nodes.map(({ cluster: node }) => node.whereIs("y"))).toEqual(["n1", "n1", "n1"]);
    expect(cluster.connectKept("x", 2, session).life.sessionPresent).toBe(true);
  });

  it("[M2] publishes what Wills it finds to all nodes, when it has joined, and once", () => {
    const disk = new MemoryBackend();
    const store = memoryStore(disk);
    const will = { topicName: "t/1", qos: 1, retain: false, payload: bytesOf("gone") } as const;
    const owner = { clientId: "w", username: undefined, senderIsDurable: false };
    store.putWill({ key: store.nextKey(), ...owner, will });
    store.seal();
    const cluster = new StillCluster(2);
    const listener = cluster.connect("listener", 1);
    cluster.subscribe(listener, "t/1");
    cluster.addNode("n2", disk);
    cluster.wait(2_000);
    expect(StillCluster.texts(listener)).toEqual(["gone"]);
    cluster.node(2).crash();
    cluster.node(2).start();
    cluster.wait(2_000);
    expect(StillCluster.texts(listener)).toEqual(["gone"]);
  });

  it("a Session is on the disk of its new node before the log says that it is at home there", () => {
    const cluster = new StillCluster(2, { areDurable: true });
    const session = sleeper(cluster);
    cluster.connect("s", 1).publish("t/1", "one", 1);
    cluster.wait(200);
    for (let ms = 1; ms < 40; ms += 1) {
      const to = ms % 2;
      cluster.connectKept("probe", to, new SimSession()).leave(true);
      const moving = cluster.begin("x", to, session);
      cluster.wait(ms);
      cluster.node(to).crash();
      cluster.node(to).start();
      moving.leave(false);
      cluster.wait(1_000);
      const found = cluster.connectKept("x", to, session);
      expect([ms, found.life.sessionPresent]).toEqual([ms, true]);
      found.leave(true);
      cluster.wait(100);
    }
  });

  it.each([true, false])(
    "what a node had not handed on when it was taken for down goes on when it is back (durable: %s)",
    (areDurable) => {
      const cluster = new StillCluster(3, { areDurable });
      const session = sleeper(cluster);
      const publisher = new SimSession();
      const sender = cluster.connectKept("s", 1, publisher);
      cluster.node(1).fabric.isCut = true;
      for (const topicName of ["t/1", "d/p2p/x", "t/1"]) sender.publish(topicName, topicName, 2);
      cluster.wait(20_000); // its client is closed, the others take it for down
      cluster.node(1).fabric.mend();
      cluster.wait(2_000);
      const again = cluster.connectKept("s", 1, publisher);
      cluster.wait(2_000);
      expect(again.life.sessionPresent).toBe(true);
      expect(publisher.unacknowledged.size).toBe(0);
      const receiver = cluster.connectKept("x", 0, session);
      cluster.wait(1_000);
      expect(StillCluster.texts(receiver).sort()).toEqual(["d/p2p/x", "t/1", "t/1"]);
    },
  );
});
