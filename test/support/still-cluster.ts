import type { QoS } from "../../src/engine.js";
import { Random } from "../codec-fuzz/random.js";
import { SimClient } from "../simulation/cluster/sim-client.js";
import { type SimFabric, SimLog } from "../simulation/cluster/sim-fabric.js";
import { SimNode } from "../simulation/cluster/sim-node.js";
import { Scheduler } from "../simulation/scheduler.js";

const CALM = {
  appendLost: 0,
  answerLost: 0,
  appendCopied: 0,
  sendLost: 0,
  sendCopied: 0,
  delayMsMax: 3,
};

/** Some nodes as one broker over a network that does nothing wrong, where a test says what happens. */
export class StillCluster {
  readonly scheduler = new Scheduler();
  readonly log = new SimLog();
  readonly nodes: SimNode[] = [];
  readonly #inboxes = new Map<string, SimFabric>();
  readonly #dice = new Random(1);

  constructor(count: number) {
    for (let at = 0; at < count; at += 1) this.addNode(`n${at}`);
    this.wait(1_000);
  }

  addNode(name: string): SimNode {
    const { scheduler, log } = this;
    const node = new SimNode(
      name,
      scheduler,
      this.#dice,
      log,
      this.#inboxes,
      CALM,
      () => undefined,
    );
    this.nodes.push(node);
    return node;
  }

  node(at: number): SimNode {
    return this.nodes[at] as SimNode; // the test has made it
  }

  wait(ms: number): void {
    this.scheduler.runUntil(this.scheduler.nowMs + ms);
  }

  /** A Client that is connected, unless the cluster has refused it or keeps it waiting. */
  connect(clientId: string, at: number): SimClient {
    const client = new SimClient(clientId, this.node(at), () => this.scheduler.nowMs);
    this.wait(100);
    return client;
  }

  subscribe(client: SimClient, topicFilter: string, qos: QoS = 1): void {
    client.subscribe(topicFilter, qos);
    this.wait(100);
  }

  /** What a client has received, as texts. */
  static texts({ life }: SimClient): string[] {
    return life.received.map(({ text }) => text);
  }
}
