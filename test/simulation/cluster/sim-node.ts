import { ClusterNode } from "../../../src/cluster/cluster-node.js";
import { Broker, type Connection, type Link, type Outbox } from "../../../src/engine.js";
import type { Random } from "../../codec-fuzz/random.js";
import type { Scheduler } from "../scheduler.js";
import { type FabricFaults, SimFabric, type SimLog } from "./sim-fabric.js";
import { SimProcess } from "./sim-process.js";

const TICK_MS = 250;

/** The client's side of a connection. */
export interface SimPeer {
  received(bytes: Uint8Array): void;
  ended(): void;
}

/** A connection between a client and a node: bytes take some time, and keep their order. */
export class SimLink implements Link {
  readonly unsentBytes = 0;
  readonly remoteAddress = "client";
  connection: Connection | undefined;
  readonly node: SimNode;
  readonly #peer: SimPeer;
  readonly #delayMs: number;
  isEnded = false;

  constructor(node: SimNode, peer: SimPeer, delayMs: number) {
    this.node = node;
    this.#peer = peer;
    this.#delayMs = delayMs;
  }

  flush(outbox: Outbox): void {
    for (const part of outbox.parts()) {
      const bytes = part.slice();
      this.node.wrote(this, bytes);
      this.node.scheduler.after(this.#delayMs, () => this.#peer.received(bytes));
    }
    outbox.sent(true);
  }

  close(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.node.links.delete(this);
    this.node.scheduler.after(this.#delayMs, () => this.#peer.ended());
  }

  pause(): void {}
  resume(): void {}

  /** The client sends. */
  send(bytes: Uint8Array): void {
    this.node.scheduler.after(this.#delayMs, () => {
      this.node.turn((nowMs) => {
        if (!this.isEnded) this.connection?.receive(bytes, nowMs);
      });
    });
  }

  /** The client goes away without a word. */
  cut(): void {
    this.node.scheduler.after(this.#delayMs, () => {
      this.node.turn((nowMs) => {
        if (this.isEnded) return;
        this.isEnded = true;
        this.node.links.delete(this);
        this.connection?.closed(nowMs);
      });
    });
  }
}

/** One node: a process with an engine, one after the other under one name. */
export class SimNode {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly links = new Set<SimLink>();
  process!: SimProcess;
  fabric!: SimFabric;
  broker!: Broker;
  cluster!: ClusterNode;
  readonly #dice: Random;
  readonly #log: SimLog;
  readonly #inboxes: Map<string, SimFabric>;
  readonly #faults: FabricFaults;
  /** Told of every byte that leaves for a client. */
  readonly wrote: (link: SimLink, bytes: Uint8Array) => void;
  readonly drops = new Map<string, number>();
  readonly #stills: { readonly fromMs: number; toMs: number }[] = [];
  #tickEnd: object = {};

  constructor(
    name: string,
    scheduler: Scheduler,
    dice: Random,
    log: SimLog,
    inboxes: Map<string, SimFabric>,
    faults: FabricFaults,
    wrote: (link: SimLink, bytes: Uint8Array) => void,
  ) {
    this.name = name;
    this.scheduler = scheduler;
    this.#dice = dice;
    this.#log = log;
    this.#inboxes = inboxes;
    this.#faults = faults;
    this.wrote = wrote;
    this.start();
  }

  start(): void {
    const process = new SimProcess(this.name);
    this.process = process;
    const fabric = new SimFabric(
      this.scheduler,
      this.#dice,
      this.#log,
      process,
      this.#inboxes,
      this.#faults,
    );
    this.fabric = fabric;
    let ids = 0;
    this.broker = new Broker(
      {
        makeClientId: () => `${this.name}-${++ids}`,
        events: {
          onInternalError: (error) => {
            throw error;
          },
          onDrop: (reason) => this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1),
        },
      },
      (inputs) => {
        this.cluster = new ClusterNode(
          {
            nodeName: this.name,
            fabric,
            open: (node) =>
              fabric.open(node, {
                ordered: (sequence, bytes) =>
                  this.turn((nowMs) => this.cluster.ordered(sequence, bytes, nowMs)),
                arrived: (bytes) => this.turn((nowMs) => this.cluster.arrived(bytes, nowMs)),
                lost: (reason) => {
                  throw reason;
                },
              }),
            makeNode: () => this.#hex() + this.#hex(),
            events: {
              onLost: (reason) => {
                throw reason;
              },
            },
          },
          inputs,
        );
        return this.cluster;
      },
    );
    this.cluster.begin();
    const tick = {};
    this.#tickEnd = tick;
    this.#tick(tick);
  }

  /** An input of the engine, and what a transport does after it. */
  turn(input: (nowMs: number) => void): void {
    this.process.run(() => {
      input(this.scheduler.nowMs);
      this.#afterwards();
    });
  }

  open(peer: SimPeer): SimLink {
    const link = new SimLink(this, peer, 1 + this.#dice.below(5));
    this.links.add(link);
    this.turn((nowMs) => {
      link.connection = this.broker.open(link, nowMs);
    });
    return link;
  }

  pause(): void {
    this.process.pause();
    this.#stills.push({ fromMs: this.scheduler.nowMs, toMs: Number.POSITIVE_INFINITY });
  }

  goOn(): void {
    const still = this.#stills.at(-1);
    if (still !== undefined) still.toMs = this.scheduler.nowMs;
    this.process.goOn();
  }

  /** Whether its process stood still at any moment between these. */
  isStill(fromMs: number, toMs: number): boolean {
    return this.#stills.some((still) => still.fromMs <= toMs && still.toMs >= fromMs);
  }

  crash(): void {
    this.process.die();
    this.fabric.end();
    for (const link of this.links) link.close();
    this.links.clear();
  }

  #afterwards(): void {
    for (let round = 0; this.broker.needsWork || this.broker.unflushedCount > 0; round += 1) {
      if (round > 10_000) throw new Error(`${this.name} has work for ever`);
      this.broker.work(this.scheduler.nowMs);
      this.broker.flush();
    }
  }

  #tick(tick: object): void {
    this.scheduler.after(TICK_MS, () => {
      if (this.#tickEnd !== tick || !this.process.isAlive) return;
      // A process that was stopped has missed its ticks: it makes up for one of them.
      if (!this.process.isPaused) this.turn((nowMs) => this.broker.tick(nowMs));
      this.#tick(tick);
    });
  }

  #hex(): string {
    return this.#dice.next().toString(16).padStart(8, "0");
  }
}
