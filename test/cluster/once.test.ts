import { describe, expect, it } from "vitest";
import { type SimClient, SimSession } from "../simulation/cluster/sim-client.js";
import { StillCluster } from "../support/still-cluster.js";

/** From before the message has left its node until everybody knows that it has arrived. */
const MOMENTS_MS = Array.from({ length: 24 }, (_, at) => at);

/** A publisher at the first node and a receiver at the second, whose Sessions are kept. */
class Pair {
  readonly cluster = new StillCluster(3, { areDurable: true });
  readonly receiver = new SimSession();
  readonly sender = new SimSession();
  readonly #lives: SimClient[] = [];
  from: SimClient;

  constructor() {
    this.cluster.subscribe(this.receive(1), "t/1", 2);
    this.from = this.cluster.connectKept("p", 0, this.sender);
  }

  receive(at: number): SimClient {
    const life = this.cluster.connectKept("r", at, this.receiver);
    this.#lives.push(life);
    return life;
  }

  /** The node is killed and started again. */
  kill(at: number): void {
    this.cluster.node(at).crash();
    this.cluster.node(at).start();
  }

  /** Whatever was not acknowledged is sent again, to another node. */
  sendAgain(at: number): void {
    this.from = this.cluster.connectKept("p", at, this.sender);
    this.cluster.wait(3_000);
    expect(this.from.life.sessionPresent).toBe(true);
  }

  get texts(): string[] {
    return this.#lives.flatMap((life) => StillCluster.texts(life));
  }
}

describe("[M36] a QoS 2 message between two nodes comes once", () => {
  it.each(["t/1", "d/p2p/r"])("whenever the node of its publisher is killed: %s", (topicName) => {
    for (const ms of MOMENTS_MS) {
      const pair = new Pair();
      pair.from.publish(topicName, "one", 2);
      pair.from.publish(topicName, "two", 2);
      pair.cluster.wait(ms);
      pair.kill(0);
      pair.sendAgain(2);
      expect([ms, ...pair.texts]).toEqual([ms, "one", "two"]);
    }
  });

  it.each(["t/1", "d/p2p/r"])("whenever the node of its receiver is killed: %s", (topicName) => {
    for (const ms of MOMENTS_MS) {
      const pair = new Pair();
      pair.from.publish(topicName, "one", 2);
      pair.cluster.wait(ms);
      pair.kill(1);
      pair.cluster.wait(3_000);
      pair.receive(2);
      pair.cluster.wait(3_000);
      expect([ms, ...pair.texts]).toEqual([ms, "one"]);
    }
  });

  it("whenever the nodes of both are killed, and both go elsewhere", () => {
    for (const ms of MOMENTS_MS) {
      const pair = new Pair();
      pair.from.publish("t/1", "one", 2);
      pair.cluster.wait(ms);
      pair.kill(0);
      pair.kill(1);
      pair.receive(2);
      pair.sendAgain(1);
      expect([ms, ...pair.texts]).toEqual([ms, "one"]);
    }
  });

  it("though its receiver has gone to the node that it is sent to again", () => {
    for (const ms of MOMENTS_MS) {
      const pair = new Pair();
      pair.from.publish("t/1", "one", 2);
      pair.cluster.wait(ms);
      pair.kill(0);
      pair.receive(2);
      pair.sendAgain(2);
      expect([ms, ...pair.texts]).toEqual([ms, "one"]);
    }
  });

  it("though a third Client gets it at the node that is killed", () => {
    for (const ms of MOMENTS_MS) {
      const pair = new Pair();
      const { cluster } = pair;
      const third = new SimSession();
      const here = cluster.connectKept("x", 0, third);
      cluster.subscribe(here, "t/#", 2);
      pair.from.publish("t/1", "one", 2);
      cluster.wait(ms);
      pair.kill(0);
      pair.sendAgain(2);
      const there = cluster.connectKept("x", 1, third);
      cluster.wait(1_000);
      expect([ms, ...pair.texts]).toEqual([ms, "one"]);
      expect([ms, ...[here, there].flatMap(StillCluster.texts)]).toEqual([ms, "one"]);
    }
  });

  it("and a new one under an identifier that was in use before is not taken for that", () => {
    const before = ["1", "2", "3", "4", "5", "6"]; // all identifiers that this Client uses
    for (const ms of MOMENTS_MS) {
      const pair = new Pair();
      for (const text of before) pair.from.publish("t/1", text, 2);
      pair.cluster.wait(ms); // some are not over yet
      pair.kill(0);
      pair.sendAgain(2);
      const after = ["7", "8", "9"];
      for (const text of after) pair.from.publish("t/1", text, 2);
      pair.cluster.wait(ms % 7); // they have left, or not
      pair.kill(2);
      pair.sendAgain(0);
      expect([ms, ...pair.texts]).toEqual([ms, ...before, ...after]);
    }
  });
});
