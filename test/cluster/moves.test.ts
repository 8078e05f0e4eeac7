import { describe, expect, it } from "vitest";
import { SimClient, SimSession } from "../simulation/cluster/sim-client.js";
import { StillCluster } from "../support/still-cluster.js";

describe("messages for a Session that moves", () => {
  it("[M33] published all the time at three nodes come once each, in the order of each sender", () => {
    const cluster = new StillCluster(3);
    const session = new SimSession();
    let client = cluster.connectKept("x", 0, session);
    cluster.subscribe(client, "t/#", 2);
    cluster.wait(2_000);
    const senders = [0, 1, 2].map((at) => cluster.connect(`s${at}`, at));
    const lives = [client];
    for (let round = 0; round < 60; round += 1) {
      if (round % 10 === 5) {
        client = cluster.connectKept("x", (round / 5) % 3, session);
        lives.push(client);
      }
      for (const [at, sender] of senders.entries()) sender.publish(`t/${at}`, `${at} ${round}`, 2);
      cluster.wait(3);
    }
    cluster.wait(3_000);
    const got = lives.flatMap((one) => StillCluster.texts(one));
    for (const at of [0, 1, 2]) {
      const own = got.filter((text) => text.startsWith(`${at} `));
      expect(own).toEqual(Array.from({ length: 60 }, (_, round) => `${at} ${round}`));
    }
  });

  it("[M33] keep their order when it moves on before all is passed on to where it has just come", () => {
    const cluster = new StillCluster(4, { delayMsMax: 40 });
    const session = new SimSession();
    const lives = [cluster.connectKept("x", 0, session)];
    for (const client of lives) cluster.subscribe(client, "t/#", 1);
    cluster.wait(2_000);
    const senders = [0, 1, 2, 3].map((at) => cluster.connect(`s${at}`, at));
    const nowMs = (): number => cluster.scheduler.nowMs;
    for (let round = 0; round < 900; round += 1) {
      // It goes to another node, and on while others still send to the one before that.
      const hop = [10, 115].indexOf(round % 300);
      if (hop >= 0) {
        const node = cluster.node((Math.floor(round / 10) + hop + 1) % 4);
        lives.push(new SimClient("x", node, nowMs, { session }));
      }
      for (const [at, sender] of senders.entries()) sender.publish(`t/${at}`, `${at} ${round}`, 1);
      cluster.wait(1);
    }
    cluster.wait(3_000);
    expect(lives.at(-1)?.life.isConnected).toBe(true);
    const accepted = lives.filter(({ life }) => life.connectedMs > 0);
    accepted.sort((a, b) => a.life.connectedMs - b.life.connectedMs);
    const got = new Set(accepted.flatMap((one) => StillCluster.texts(one)));
    for (const at of [0, 1, 2, 3]) {
      const own = [...got].filter((text) => text.startsWith(`${at} `));
      expect(own).toEqual(Array.from({ length: 900 }, (_, round) => `${at} ${round}`));
    }
  });
});
