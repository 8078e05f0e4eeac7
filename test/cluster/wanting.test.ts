import { expect, it } from "vitest";
import { SimClient, SimSession } from "../simulation/cluster/sim-client.js";
import { StillCluster } from "../support/still-cluster.js";

/** A kept Session at node 0 with these filters, whose Client has left. */
function kept(cluster: StillCluster, topicFilters: readonly string[]): SimSession {
  const session = new SimSession();
  const client = cluster.connectKept("x", 0, session);
  for (const topicFilter of topicFilters) client.subscribe(topicFilter, 1);
  cluster.wait(1_000);
  client.leave(true);
  cluster.wait(100);
  return session;
}

it("[M33] what is published while thousands of filters follow is delivered once, wherever it is published", () => {
  const cluster = new StillCluster(3);
  const filters = Array.from({ length: 5_000 }, (_, at) => `t/${at}`);
  const session = kept(cluster, [...filters, "$share/g/s"]);
  const senders = [0, 1, 2].map((at) => cluster.connect(`s${at}`, at));
  const sent: string[] = [];
  const moved = cluster.connectKept("x", 1, session); // waits for 100 ms meanwhile
  for (let round = 0; round < 60; round += 1) {
    for (const sender of senders) {
      const topicName = round % 3 === 0 ? "s" : `t/${round * 80}`;
      sender.publish(topicName, `${sender.life.clientId} ${round}`, 1);
      sent.push(`${sender.life.clientId} ${round}`);
    }
    cluster.wait(3);
  }
  cluster.wait(3_000);
  expect(moved.life.sessionPresent).toBe(true);
  expect(StillCluster.texts(moved).sort()).toEqual(sent.sort());
});

it("[M33] a wish that is taken back leaves nothing of it at the node that it was on its way to", () => {
  for (let afterMs = 1; afterMs < 16; afterMs += 2) {
    const cluster = new StillCluster(2);
    const filters = Array.from({ length: 300 }, (_, at) => `t/${at}/+`);
    const session = kept(cluster, filters);
    const elsewhere = new SimClient("x", cluster.node(1), () => cluster.scheduler.nowMs, {
      session,
    });
    cluster.wait(afterMs);
    const back = cluster.connectKept("x", 0, session);
    cluster.wait(500);
    cluster.connect("s", 1).publish("t/7/a", "one", 1);
    cluster.wait(500);
    expect(elsewhere.life.isConnected).toBe(false);
    expect(back.life.sessionPresent).toBe(true);
    expect(StillCluster.texts(back)).toEqual(["one"]);
    expect(cluster.node(0).broker.view.client("x")?.subscriptions).toHaveLength(300);
    expect(cluster.node(1).broker.gauges.subscriptions).toBe(0);
  }
});
