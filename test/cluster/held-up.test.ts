import { describe, expect, it } from "vitest";
import { SimClient, SimSession } from "../simulation/cluster/sim-client.js";
import { StillCluster } from "../support/still-cluster.js";

const SUBSCRIBED = { to: (clientId: string) => `t/${clientId}`, by: "by subscription" };
const ADDRESSED = { to: (clientId: string) => `d/p2p/${clientId}`, by: "by address" };

/** A Client with a kept Session that goes from node to node. */
class Mover {
  readonly clientId: string;
  readonly cluster: StillCluster;
  readonly lives: SimClient[] = [];
  readonly #session = new SimSession();

  constructor(cluster: StillCluster, clientId: string) {
    this.cluster = cluster;
    this.clientId = clientId;
    this.goTo(0);
    cluster.wait(100);
    cluster.subscribe(this.last, SUBSCRIBED.to(clientId), 2);
  }

  get last(): SimClient {
    return this.lives.at(-1) as SimClient; // it has one since it was made
  }

  get isConnected(): boolean {
    return this.last.life.isConnected;
  }

  get texts(): string[] {
    return this.lives.flatMap((life) => StillCluster.texts(life));
  }

  /** Begins to connect there, and publishes as soon as it is accepted. */
  goTo(at: number, topicName = "", text = ""): void {
    const { cluster, clientId } = this;
    const client: SimClient = new SimClient(
      clientId,
      cluster.node(at),
      () => cluster.scheduler.nowMs,
      {
        session: this.#session,
        connected: () => void (text !== "" && client.publish(topicName, text, 2)),
      },
    );
    this.lives.push(client);
  }
}

describe.each([SUBSCRIBED, ADDRESSED])("[M33] a Session moves on at once, $by", ({ to }) => {
  it("whatever its Client has just published to itself, and has that once", () => {
    const cluster = new StillCluster(3, { delayMsMax: 20 });
    for (let round = 0; round < 20; round += 1) {
      const mover = new Mover(cluster, `x${round}`);
      mover.goTo(1, to(mover.clientId), "own");
      while (!mover.isConnected) cluster.wait(1);
      cluster.wait(2 + (round % 10));
      mover.goTo(2);
      cluster.wait(400);
      const { isConnected, texts } = mover;
      expect({ round, isConnected, texts }).toEqual({ round, isConnected: true, texts: ["own"] });
    }
  });

  it("and so does that of a Client with which it has just exchanged messages", () => {
    const cluster = new StillCluster(3, { delayMsMax: 40 });
    for (let round = 0; round < 40; round += 1) {
      const movers = ["x", "y"].map((name) => new Mover(cluster, `${name}${round}`));
      const other = new Map(movers.map((mover, at) => [mover, movers[1 - at] as Mover]));
      for (const mover of movers) mover.goTo(1, to(other.get(mover)?.clientId ?? ""), "one");
      moveOn(cluster, movers, round % 12, (mover) => {
        mover.last.publish(to(other.get(mover)?.clientId ?? ""), "two", 2);
      });
      cluster.wait(900);
      for (const { isConnected, texts } of movers) {
        expect({ round, isConnected, texts: [...texts].sort() }).toEqual({
          round,
          isConnected: true,
          texts: texts.includes("two") ? ["one", "two"] : ["one"],
        });
      }
    }
  });

  it("and so does that of a Client at another node, when messages of both are on their way", () => {
    const cluster = new StillCluster(4, { delayMsMax: 40 });
    for (let round = 0; round < 60; round += 1) {
      const movers = ["x", "y"].map((name) => new Mover(cluster, `${name}${round}`));
      const [x, y] = movers as [Mover, Mover];
      x.goTo(1);
      y.goTo(2);
      cluster.wait(600);
      const [atX, atY] = [x.last, y.last];
      x.goTo(3);
      y.goTo(3);
      cluster.wait(round);
      atX.publish(to(y.clientId), "one", 2);
      atY.publish(to(x.clientId), "one", 2);
      cluster.wait(900);
      expect({ round, x: x.isConnected, y: y.isConnected }).toEqual({ round, x: true, y: true });
    }
  });
});

/** Each goes to the third node so long after it was accepted, and does something before if both are there. */
function moveOn(
  cluster: StillCluster,
  movers: readonly Mover[],
  afterMs: number,
  before: (mover: Mover) => void,
): void {
  const msLeft = new Map<Mover, number>();
  for (let ms = 0; ms < 400; ms += 1) {
    cluster.wait(1);
    for (const mover of movers.filter(({ isConnected }) => isConnected)) {
      const left = msLeft.get(mover);
      if (left === undefined && movers.every(({ isConnected }) => isConnected)) before(mover);
      if ((left ?? afterMs) === 0) mover.goTo(2);
      msLeft.set(mover, (left ?? afterMs) - 1);
    }
  }
}
