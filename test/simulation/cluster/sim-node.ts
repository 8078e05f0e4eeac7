import { ClusterNode } from "../../../src/cluster/cluster-node.js";
import {
  Broker,
  type Connection,
  type EngineOptions,
  type Link,
  type Outbox,
} from "../../../src/engine.js";
import type { Backend } from "../../../src/store/backend.js";
import { KeyedStore } from "../../../src/store/keyed-store.js";
import type { Random } from "../../codec-fuzz/random.js";
import type { Scheduler } from "../scheduler.js";
import { type FabricFaults, SimFabric, type SimLog } from "./sim-fabric.js";
import { SimHome } from "./sim-home.js";
import { SimProcess } from "./sim-process.js";

const TICK_MS = 250;
const LEAVE_LOOK_MS = 5;
const LEAVE_LOOKS = 300;

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

/** What the engines of a run are given. */
export interface NodeSettings {
  readonly options: Pick<EngineOptions, "limits" | "takeOverBy">;
  readonly onEngineLoss: "close" | "serve-local";
  /** What its Sessions are kept on, which outlives its processes. Default: they are not. */
  readonly disk?: Backend;
  /** The same of all nodes, by name: then they stand in for each other. */
  readonly homes?: Map<string, SimHome>;
  /** It stands in for the node of that name, and is told to have ended. */
  readonly standsIn?: (isDone: boolean) => void;
}
/** Whoever runs it starts it again so soon when it cannot go on. */
const RESTART_MS = 1_000;
/** So long a commit takes. */
const COMMIT_MS = 3;
/** Until a node that stands in for another one has made the log its own. */
const OPEN_MS = 300;

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
  readonly #settings: NodeSettings;
  /** Its owner stops it. */
  isStopping = false;
  /** Told of every byte that leaves for a client. */
  readonly wrote: (link: SimLink, bytes: Uint8Array) => void;
  readonly drops = new Map<string, number>();
  readonly #stills: { readonly fromMs: number; toMs: number }[] = [];
  #tickEnd: object = {};
  /** Nodes of other names that it runs beside itself, and that die with it. */
  readonly standIns = new Set<SimNode>();
  readonly #home: SimHome | undefined;

  constructor(
    name: string,
    scheduler: Scheduler,
    dice: Random,
    log: SimLog,
    inboxes: Map<string, SimFabric>,
    faults: FabricFaults,
    wrote: (link: SimLink, bytes: Uint8Array) => void,
    settings: NodeSettings = { options: {}, onEngineLoss: "close" },
  ) {
    this.#settings = settings;
    this.name = name;
    const { disk, homes } = settings;
    this.#home = homes?.get(name) ?? (disk && new SimHome(disk));
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
    this.isStopping = false;
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
    const { homes, standsIn } = this.#settings;
    const store = this.#home && this.#storeOn(this.#home, process, fabric);
    this.broker = new Broker(
      {
        ...this.#settings.options,
        ...(store && { store }),
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
            keepsSessions: store !== undefined,
            fabric,
            onEngineLoss: this.#settings.onEngineLoss,
            open: (node) =>
              fabric.open(node, {
                ordered: (sequence, bytes) =>
                  this.turn((nowMs) => this.cluster.ordered(sequence, bytes, nowMs)),
                arrived: (bytes) => this.turn((nowMs) => this.cluster.arrived(bytes, nowMs)),
                kept: (number, sequence) =>
                  this.turn((nowMs) => this.cluster.retainedLog.kept(number, sequence, nowMs)),
                retained: (sequence, bytes) =>
                  this.turn((nowMs) => this.cluster.retainedLog.retained(sequence, bytes, nowMs)),
                retainedBegin: () => this.turn((nowMs) => this.cluster.retainedLog.begin(nowMs)),
                retainedEnd: () => this.turn((nowMs) => this.cluster.retainedLog.end(nowMs)),
                lost: (reason) => {
                  throw reason;
                },
              }),
            makeNode: () => this.#hex() + this.#hex(),
            standsIn: standsIn !== undefined,
            ...(homes && !standsIn && { standIn: (node) => this.#standIn(node, process) }),
            events: {
              onLost: (reason) => {
                if (store === undefined) throw reason;
                this.#lost(process);
              },
            },
          },
          inputs,
        );
        return this.cluster;
      },
    );
    if (store !== undefined) {
      store.onCommitted = () => this.turn((nowMs) => this.broker.committed(nowMs));
      this.broker.restore(this.scheduler.nowMs);
    }
    this.cluster.begin();
    if (standsIn !== undefined) this.cluster.giveAway(this.scheduler.nowMs);
    const tick = {};
    this.#tickEnd = tick;
    this.#tick(tick);
  }

  /** As a node that stands in for another one, once it has come as far as its own process goes. */
  #standIn(name: string, host: SimProcess): void {
    for (const { name: other } of this.standIns) if (other === name) return;
    const { options, onEngineLoss, homes } = this.#settings;
    this.scheduler.after(OPEN_MS, () => {
      if (!host.isAlive) return;
      const standIn: SimNode = new SimNode(
        name,
        this.scheduler,
        this.#dice,
        this.#log,
        this.#inboxes,
        this.#faults,
        this.wrote,
        {
          ...{ options, onEngineLoss, ...(homes && { homes }) },
          standsIn: (isDone) => {
            this.standIns.delete(standIn);
            if (host === this.process) {
              this.turn((nowMs) => this.cluster.stoodIn(name, isDone, nowMs));
            }
          },
        },
      );
      standIn.fabric.isCut = this.fabric.isCut;
      this.standIns.add(standIn);
    });
  }

  /** It cannot go on: whoever runs it starts it again. */
  #lost(process: SimProcess): void {
    this.scheduler.after(0, () => {
      if (!process.isAlive) return;
      this.crash();
      this.#settings.standsIn?.(false);
      if (this.#settings.standsIn !== undefined) return;
      this.scheduler.after(RESTART_MS, () => {
        if (this.process === process) this.start();
      });
    });
  }

  #lookWhetherCleared(standsIn: (isDone: boolean) => void): void {
    if (!this.cluster.isCleared) return;
    this.turn((nowMs) => this.cluster.leave(nowMs));
    this.scheduler.after(LEAVE_LOOK_MS, () => {
      this.crash();
      standsIn(true);
    });
  }

  #storeOn(home: SimHome, process: SimProcess, fabric: SimFabric): KeyedStore {
    const backend = home.open(() => this.#lost(process));
    const commitLater = (commit: () => void): void => {
      this.scheduler.after(COMMIT_MS, () => {
        if (fabric.isCut) commitLater(commit);
        else process.run(commit);
      });
    };
    const nowMs = (): number => this.scheduler.nowMs + 1;
    return new KeyedStore({ backend, gather: commitLater, retry: commitLater, nowMs, originMs: 0 });
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

  /** As its owner stops it: everybody is closed, the others are told when they know that, and it ends. */
  stop(): void {
    this.isStopping = true;
    this.turn((nowMs) => this.broker.close(nowMs));
    this.#leaveWhenIdle(this.process, LEAVE_LOOKS);
  }

  #leaveWhenIdle(process: SimProcess, looksLeft: number): void {
    if (!process.isAlive) return;
    if (!this.cluster.isIdle && looksLeft > 0) {
      this.scheduler.after(LEAVE_LOOK_MS, () => this.#leaveWhenIdle(process, looksLeft - 1));
      return;
    }
    this.turn((nowMs) => this.cluster.leave(nowMs));
    this.crash();
  }

  /** Its machine reaches nobody. */
  cut(): void {
    for (const { fabric } of [this, ...this.standIns]) fabric.isCut = true;
  }

  mend(): void {
    for (const { fabric } of [this, ...this.standIns]) fabric.mend();
  }

  crash(): void {
    for (const standIn of this.standIns) standIn.crash();
    this.standIns.clear();
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
      const { standsIn } = this.#settings;
      if (standsIn !== undefined) this.#lookWhetherCleared(standsIn);
      this.#tick(tick);
    });
  }

  #hex(): string {
    return this.#dice.next().toString(16).padStart(8, "0");
  }
}
