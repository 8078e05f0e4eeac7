import { describe, expect, it } from "vitest";
import type { QoS } from "../../src/engine.js";
import { SimSession } from "../simulation/cluster/sim-client.js";
import { StillCluster } from "../support/still-cluster.js";

describe("messages to other nodes", () => {
  it.each([0, 1, 2] as const)(
    "[P5] [S2] point-to-point at QoS %i comes once, to the one it names",
    (qos) => {
      const cluster = new StillCluster(3);
      const [sender, receiver, other] = [0, 1, 2].map((at) => cluster.connect(`c${at}`, at));
      const sent = sender?.publish("d/p2p/c1", "hi", qos as QoS);
      cluster.wait(500);
      expect(receiver?.life.received).toMatchObject([{ text: "hi", qos, topicName: "d/p2p/c1" }]);
      expect(other?.life.received).toMatchObject([]);
      if (qos > 0) expect(sent?.ackedMs).toBeGreaterThan(0);
    },
  );

  it.each([0, 1, 2] as const)(
    "[M6] at QoS %i each node gets one copy, each Subscriber its own",
    (qos) => {
      const cluster = new StillCluster(3);
      const sender = cluster.connect("s", 0);
      const receivers = [0, 1, 1, 2].map((at, index) => cluster.connect(`r${index}`, at));
      for (const receiver of receivers) cluster.subscribe(receiver, "t/+", 2);
      sender.publish("t/1", "a", qos);
      sender.publish("t/1", "b", qos);
      cluster.wait(500);
      expect(receivers.map(StillCluster.texts)).toEqual([
        ["a", "b"],
        ["a", "b"],
        ["a", "b"],
        ["a", "b"],
      ]);
    },
  );

  it("[M30] one member of a group gets it, at this node if there is one", () => {
    const cluster = new StillCluster(3);
    const sender = cluster.connect("s", 0);
    const members = [0, 1, 2].map((at) => cluster.connect(`m${at}`, at));
    for (const member of members) cluster.subscribe(member, "$share/g/t");
    for (let count = 0; count < 4; count += 1) sender.publish("t", `${count}`, 1);
    cluster.wait(500);
    expect(members.map(({ life }) => life.received.length)).toEqual([4, 0, 0]);
    members[0]?.leave(true);
    cluster.wait(200);
    for (let count = 0; count < 4; count += 1) sender.publish("t", `${count}`, 1);
    cluster.wait(500);
    expect(members.map(({ life }) => life.received.length)).toEqual([4, 2, 2]);
  });

  it("[S6] a Client is reached as soon as its CONNECT is accepted, though this node has not read of it", () => {
    const cluster = new StillCluster(2);
    const sender = cluster.connect("s", 0);
    const { fabric } = cluster.node(0);
    fabric.isCut = true;
    const receiver = cluster.connect("r", 1);
    expect(receiver.life.isConnected).toBe(true);
    const sent = sender.publish("d/p2p/r", "hi", 1);
    cluster.wait(1_000);
    expect(sent.ackedMs).toBe(0);
    fabric.mend();
    cluster.wait(3_000);
    expect(StillCluster.texts(receiver)).toEqual(["hi"]);
    expect(sent.ackedMs).toBeGreaterThan(0);
  });

  it("[P8] [P11] whoever is nowhere gets nothing, and its sender is told no more than ever", () => {
    const cluster = new StillCluster(2);
    const sender = cluster.connect("s", 0);
    const sent = sender.publish("d/p2p/nobody", "hi", 1);
    cluster.wait(500);
    expect(sent.ackedMs).toBeGreaterThan(0);
    expect([...cluster.node(0).drops]).toEqual([["unknown", 1]]);
    expect(cluster.node(0).cluster.status(0).waitingMessages).toBe(0);
  });
});

describe("a QoS 2 message that its sender repeats over another connection", () => {
  it("[M4] [MQTT-4.3.3-2] has no PUBREC before the other node has the first copy", () => {
    const cluster = new StillCluster(2);
    const receiver = cluster.connect("receiver", 1);
    const session = new SimSession();
    const sender = cluster.connectKept("sender", 0, session);
    cluster.node(1).process.pause();
    const published = sender.publish("d/p2p/receiver", "1", 2);
    cluster.wait(100);
    expect(published.ackedMs).toBe(0);
    sender.leave(false);
    const again = cluster.connectKept("sender", 0, session);
    cluster.wait(500);
    expect([again.life.sessionPresent, published.isRepeated]).toEqual([true, true]);
    expect(published.ackedMs).toBe(0);
    cluster.node(1).goOn();
    cluster.wait(2_000);
    expect(published.ackedMs).toBeGreaterThan(0);
    expect(StillCluster.texts(receiver)).toEqual(["1"]);
  });
});
