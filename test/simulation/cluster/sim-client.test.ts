import { expect, it } from "vitest";
import { StillCluster } from "../../support/still-cluster.js";
import { SimSession } from "./sim-client.js";

it("[MQTT-4.3.3-2] a client that is accepted anew reads nothing more of its connection before", () => {
  const cluster = new StillCluster(1);
  const sender = cluster.connect("s", 0);
  const session = new SimSession();
  let last = cluster.connectKept("x", 0, session);
  const texts: string[] = [];
  const sent: string[] = [];
  for (let round = 0; round < 60; round += 1) {
    const before = last;
    sent.push(`${round}`);
    sender.publish("d/p2p/x", `${round}`, 2);
    cluster.wait(round % 6);
    last = cluster.connectKept("x", 0, session); // while that is on its way to the one before
    texts.push(...StillCluster.texts(before));
    expect([before.life.isConnected, last.life.isConnected]).toEqual([false, true]);
  }
  expect([...texts, ...StillCluster.texts(last)]).toEqual(sent);
});
