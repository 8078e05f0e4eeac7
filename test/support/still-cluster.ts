import type { EngineOptions, QoS } from "../../src/engine.js";
import type { Backend } from "../../src/store/backend.js";
import { MemoryBackend } from "../../src/store/memory-store.js";
import { Random } from "../codec-fuzz/random.js";
import { SimClient, type SimSession } from "../simulation/cluster/sim-client.js";
import { type SimFabric, SimLog } from "../simulation/cluster/sim-fabric.js";
import { SimHome } from "../simulation/cluster/sim-home.js";
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

interface StillOptions extends Partial<Pick<EngineOptions, "limits">> {
  /** What goes from one node to another, or to the log, takes so long at most. */
  readonly delayMsMax?: number;
  /** Each has a disk. */
  readonly areDurable?: boolean;
  /** The same, and they stand in for each other. */
  readonly areAdopting?: boolean;
  /** What a node keeps can be written by whoever has opened it before: a fault. */
  readonly areUnfenced?: boolean;
}

/** Some nodes as one broker over a network that does nothing wrong, where a test says what happens. */
export class StillCluster {
  readonly scheduler = new Scheduler();
  readonly log = new SimLog();
  readonly nodes: SimNode[] = [];
  readonly #inboxes = new Map<string, SimFabric>();
  readonly #dice = new Random(1);
  readonly #options: Pick<EngineOptions, "limits">;
  readonly #delayMsMax: number;

  readonly #homes: Map<string, SimHome> | undefined;
  readonly #areFenced: boolean;

  constructor(count: number, given: StillOptions = {}) {
    const { limits = {}, delayMsMax, areDurable = false, areAdopting = false } = given;
    if (areAdopting) this.#homes = new Map();
    this.#areFenced = given.areUnfenced !== true;
    this.#options = { limits };
    this.#delayMsMax = delayMsMax ?? CALM.delayMsMax;
    for (let at = 0; at < count; at += 1) {
      this.addNode(`n${at}`, areDurable ? new MemoryBackend() : undefined);
    }
    this.wait(1_000);
  }

  addNode(name: string, disk?: Backend): SimNode {
    const { scheduler, log } = this;
    const homes = this.#homes;
    homes?.set(name, homes.get(name) ?? new SimHome(disk, this.#areFenced));
    const node = new SimNode(
      name,
      scheduler,
      this.#dice,
      log,
      this.#inboxes,
      { ...CALM, delayMsMax: this.#delayMsMax },
      () => undefined,
      {
        options: this.#options,
        onEngineLoss: "close",
        ...(disk && { disk }),
        ...(homes && { homes }),
      },
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

  /** One that has only begun to connect, and asks for a kept Session. */
  begin(clientId: string, at: number, session: SimSession): SimClient {
    return new SimClient(clientId, this.node(at), () => this.scheduler.nowMs, { session });
  }

  /** The same for one that asks for a kept Session. */
  connectKept(clientId: string, at: number, session: SimSession): SimClient {
    const client = new SimClient(clientId, this.node(at), () => this.scheduler.nowMs, { session });
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
