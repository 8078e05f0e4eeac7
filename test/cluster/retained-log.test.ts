import { describe, expect, it } from "vitest";
import { encodeRetainedRecord } from "../../src/cluster/retained-record.js";
import type { SimClient } from "../simulation/cluster/sim-client.js";
import { bytesOf, textOf } from "../support/harness.js";
import { StillCluster } from "../support/still-cluster.js";

const retained = (cluster: StillCluster, topicName = "t"): (string | undefined)[] =>
  cluster.nodes.map(({ broker }) => {
    const found = broker.view.retainedMessage(topicName);
    return found === undefined ? undefined : textOf(found.payload);
  });
const copies = ({ life }: SimClient): string[] => life.retained.map(({ text }) => text);

describe("retained messages on all nodes", () => {
  it("are there at every node, and gone at every node when they are removed", () => {
    const cluster = new StillCluster(3);
    const publisher = cluster.connect("p", 0);
    publisher.publish("t", "x", 1, true);
    cluster.wait(100);
    expect(retained(cluster)).toEqual(["x", "x", "x"]);
    const receiver = cluster.connect("r", 2);
    cluster.subscribe(receiver, "t");
    expect([copies(receiver), StillCluster.texts(receiver)]).toEqual([["x"], []]);
    publisher.publish("t", "y", 1, true);
    cluster.wait(100);
    // Live once, and nothing more by the log.
    expect([copies(receiver), StillCluster.texts(receiver)]).toEqual([["x"], ["y"]]);
    publisher.publish("t", "", 1, true);
    cluster.wait(100);
    expect(retained(cluster)).toEqual([undefined, undefined, undefined]);
  });

  it("outlive all nodes", () => {
    const cluster = new StillCluster(2);
    const publisher = cluster.connect("p", 0);
    publisher.publish("t", "x", 1, true);
    publisher.publish("u", "y", 1, true);
    publisher.publish("u", "", 1, true);
    cluster.wait(100);
    for (const node of cluster.nodes) node.crash();
    for (const node of cluster.nodes) node.start();
    cluster.wait(20_000);
    expect(retained(cluster)).toEqual(["x", "x"]);
    expect(retained(cluster, "u")).toEqual([undefined, undefined]);
    const receiver = cluster.connect("r", 1);
    cluster.subscribe(receiver, "#");
    expect(copies(receiver)).toEqual(["x"]);
  });

  it("[L08] PUBACK comes when the log has it, at once where it is not to be retained", () => {
    const cluster = new StillCluster(2);
    const publisher = cluster.connect("p", 0);
    cluster.node(0).fabric.isCut = true;
    const [kept, passing] = [publisher.publish("t", "x", 1, true), publisher.publish("u", "y", 0)];
    cluster.wait(3_000);
    expect([kept.ackedMs, passing.ackedMs]).toEqual([0, 0]);
    expect(retained(cluster)).toEqual(["x", undefined]);
    expect(cluster.node(0).cluster.status(0)).toMatchObject({ waitingRetained: 1 });
    cluster.node(0).fabric.mend();
    cluster.wait(1_000);
    expect(kept.ackedMs).toBeGreaterThan(0);
    expect(retained(cluster)).toEqual(["x", "x"]);
    expect(cluster.node(0).cluster.status(0)).toMatchObject({
      waitingRetained: 0,
      waitingRetainedBytes: 0,
    });
  });

  it("two nodes at once: the order of the log decides at both", () => {
    for (let round = 0; round < 20; round += 1) {
      const cluster = new StillCluster(2);
      const [one, other] = [cluster.connect("p", 0), cluster.connect("q", 1)];
      cluster.wait(round);
      one.publish("t", "of n0", 1, true);
      other.publish("t", "of n1", 1, true);
      cluster.wait(100);
      const [first, second] = retained(cluster);
      expect(first).toBe(second);
    }
  });

  it("a node that was away for long forgets what was removed meanwhile, and what never came into the log", () => {
    const cluster = new StillCluster(2);
    const [cut, other] = [cluster.connect("p", 0), cluster.connect("q", 1)];
    other.publish("t", "x", 1, true);
    cluster.wait(100);
    cluster.node(0).fabric.isCut = true;
    const lost = cut.publish("never", "y", 1, true);
    other.publish("t", "", 1, true);
    cluster.wait(40_000);
    cluster.connect("q", 1).publish("more", "z", 1, true);
    cluster.wait(30_000); // what removed it is gone from the log as well
    cluster.node(0).fabric.mend();
    cluster.wait(30_000);
    expect(retained(cluster)).toEqual([undefined, undefined]);
    expect(retained(cluster, "never")).toEqual([undefined, undefined]);
    expect(retained(cluster, "more")).toEqual(["z", "z"]);
    expect(lost.ackedMs).toBe(0);
  });

  it("joins only when all that is retained is known", () => {
    const cluster = new StillCluster(1);
    const publisher = cluster.connect("p", 0);
    for (let at = 0; at < 100; at += 1) publisher.publish(`t/${at}`, "x", 1, true);
    cluster.wait(1_000);
    const node = cluster.addNode("late");
    let known = -1;
    for (let ms = 0; ms < 2_000 && known < 0; ms += 1) {
      cluster.wait(1);
      const isThere = cluster.node(0).cluster.status(0).nodes.length === 2;
      if (isThere) known = node.broker.gauges.retained;
    }
    expect(known).toBe(100);
  });

  it("whoever subscribes at another node right after PUBACK gets it", () => {
    const cluster = new StillCluster(2);
    const [publisher, receiver] = [cluster.connect("p", 0), cluster.connect("r", 1)];
    cluster.subscribe(receiver, "t"); // the filter is known: no WANT is waited for
    for (let round = 0; round < 20; round += 1) {
      const published = publisher.publish("t", `${round}`, 1, true);
      while (published.ackedMs === 0) cluster.wait(1);
      cluster.subscribe(receiver, "t");
      expect(copies(receiver).at(-1)).toBe(`${round}`);
    }
  });

  it("SUBACK waits 5 s for a log that does not answer, and no longer", () => {
    const cluster = new StillCluster(2);
    const receiver = cluster.connect("r", 1);
    cluster.subscribe(receiver, "t");
    cluster.node(1).fabric.isCut = true;
    receiver.subscribe("t", 1);
    cluster.wait(4_900);
    expect(receiver.life.asked.at(-1)?.ackedMs).toBe(0);
    cluster.wait(600);
    expect(receiver.life.asked.at(-1)?.ackedMs).toBeGreaterThan(0);
    expect(cluster.node(1).cluster.status(0).retainedOverdue).toBe(1);
  });

  it("what a server says of itself stays with it", () => {
    const cluster = new StillCluster(2);
    for (const topicName of ["$SYS/broker/uptime", "$app/x"]) {
      cluster.node(0).turn((nowMs) => {
        const payload = bytesOf("x");
        cluster.node(0).broker.publish({ topicName, payload, qos: 0, retain: true }, nowMs);
      });
    }
    cluster.wait(100);
    expect(retained(cluster, "$SYS/broker/uptime")).toEqual(["x", undefined]);
    expect(retained(cluster, "$app/x")).toEqual(["x", "x"]);
  });

  it("the owner of the broker is told when all nodes will learn of it", () => {
    const cluster = new StillCluster(2);
    const told: unknown[] = [];
    cluster.node(0).fabric.isCut = true;
    const message = { topicName: "t", payload: bytesOf("x"), qos: 0, retain: true } as const;
    cluster.node(0).turn((nowMs) => {
      cluster.node(0).broker.publish(message, nowMs, (failure) => told.push(failure));
    });
    cluster.wait(1_000);
    expect(told).toEqual([]);
    cluster.node(0).fabric.mend();
    cluster.wait(1_000);
    expect(told).toEqual([undefined]);
  });

  it("one that NATS cannot take is delivered, and retained nowhere", () => {
    const cluster = new StillCluster(2);
    const [publisher, receiver] = [cluster.connect("p", 0), cluster.connect("r", 1)];
    cluster.subscribe(receiver, "t");
    publisher.publish("t", "small", 1, true);
    cluster.wait(100);
    const large = publisher.publish("t", "x".repeat(1024 * 1024), 1, true);
    cluster.wait(1_000);
    expect(StillCluster.texts(receiver).map(({ length }) => length)).toEqual([5, 1024 * 1024]);
    expect(retained(cluster)).toEqual([undefined, undefined]);
    expect(large.ackedMs).toBeGreaterThan(0);
    expect(cluster.node(0).drops.get("retained-too-large")).toBe(1);
  });

  it("limits hold for what other nodes retain, too: refused ones are counted", () => {
    const cluster = new StillCluster(2);
    cluster.node(1).broker.changeLimits({ retainedMessagesMax: 2 });
    const publisher = cluster.connect("p", 0);
    for (const topicName of ["t", "u", "v"]) publisher.publish(topicName, "x", 1, true);
    cluster.wait(100);
    expect(cluster.nodes.map(({ broker }) => broker.gauges.retained)).toEqual([3, 2]);
    expect(cluster.node(1).drops.get("retained-full")).toBe(1);
    expect(cluster.node(0).drops.size).toBe(0);
  });

  it("[L07] a publisher is not read while too much waits, and is read again", () => {
    const cluster = new StillCluster(2);
    const publisher = cluster.connect("p", 0);
    let isRead = true;
    const { link } = publisher.life;
    link.pause = () => {
      isRead = false;
    };
    link.resume = () => {
      isRead = true;
    };
    cluster.node(0).fabric.isCut = true;
    for (let at = 0; at < 40; at += 1) {
      publisher.publish(`t/${at}`, "x".repeat(500_000), 0, true);
    }
    cluster.wait(100);
    expect(isRead).toBe(false);
    expect(cluster.node(0).cluster.status(0).waitingRetainedBytes).toBeGreaterThan(16_000_000);
    cluster.node(0).fabric.mend();
    cluster.wait(3_000);
    expect(isRead).toBe(true);
    expect(cluster.nodes.map(({ broker }) => broker.gauges.retained)).toEqual([40, 40]);
  });

  it("[L03] records that are none of ours, or of topics that are no one else's business, do nothing", () => {
    const cluster = new StillCluster(1);
    const { cluster: node } = cluster.node(0);
    const sys = encodeRetainedRecord({ topicName: "$SYS/x", message: undefined });
    cluster.node(0).turn((nowMs) => node.retainedLog.retained(1, bytesOf("not ours"), nowMs));
    cluster.node(0).turn((nowMs) => node.retainedLog.retained(2, sys, nowMs));
    expect(node.status(0).foreign).toBe(1);
    expect(cluster.node(0).broker.gauges.retained).toBe(0);
  });
});
