import { PacketType, type QoS } from "../../../src/engine.js";
import { Random } from "../../codec-fuzz/random.js";
import { Scheduler } from "../scheduler.js";
import { judge } from "./cluster-oracle.js";
import type { ClusterPlan } from "./cluster-profiles.js";
import { CreditWatch } from "./credit-watch.js";
import { type Published, SimClient } from "./sim-client.js";
import { type SimFabric, SimLog } from "./sim-fabric.js";
import { type SimLink, SimNode } from "./sim-node.js";

const CLIENTS = 6;
const TOPICS = ["t/1", "t/2"];
const FILTERS = ["t/1", "t/2", "t/#"];
/** A client that hears nothing of its node for so long goes elsewhere. */
const SILENT_MS = 8_000;
/** So long nothing happens before the judgement: the longest lease, and some more. */
const QUIET_MS = 45_000;

/** What one run has come to. */
export interface ClusterOutcome {
  readonly problems: readonly string[];
  readonly published: number;
  readonly received: number;
  readonly faults: number;
  readonly virtualMs: number;
}

/** Some nodes, some clients that go from one to another, and a network with faults. */
export class ClusterWorld {
  readonly scheduler = new Scheduler();
  readonly plan: ClusterPlan;
  readonly dice: Random;
  readonly log = new SimLog();
  readonly credit = new CreditWatch((text) => this.problem(`${this.nowMs}: ${text}`));
  readonly nodes: SimNode[] = [];
  readonly clients: (SimClient | undefined)[] = new Array(CLIENTS).fill(undefined);
  /** Every connection there ever was. */
  readonly all: SimClient[] = [];
  readonly published: Published[] = [];
  readonly problems: string[] = [];
  /** Who serves each Client now: the node that has sent CONNACK last and has not closed it. */
  readonly #serving = new Map<string, SimLink>();
  /** Times at which a fault of a node began: a promise about that time is another one. */
  readonly nodeFaultsMs: number[] = [];
  faults = 0;
  #serial = 0;

  constructor(seed: number, plan: ClusterPlan) {
    this.plan = plan;
    this.dice = new Random(seed);
    const inboxes = new Map<string, SimFabric>();
    const sent = (to: string, bytes: Uint8Array): void => this.credit.sent(to, bytes);
    for (let at = 0; at < plan.nodes; at += 1) {
      const wrote = (link: SimLink, bytes: Uint8Array): void => this.#wrote(link, bytes);
      const { scheduler, dice, log } = this;
      this.nodes.push(
        new SimNode(`n${at}`, scheduler, dice, log, inboxes, { ...plan.fabric, sent }, wrote),
      );
    }
  }

  run(): ClusterOutcome {
    const { plan, dice, scheduler } = this;
    for (let step = 0; step < plan.steps; step += 1) {
      scheduler.runUntil(scheduler.nowMs + dice.below(plan.stepMsMax));
      this.#act();
    }
    this.#mend();
    scheduler.runUntil(scheduler.nowMs + QUIET_MS);
    this.#lastMessages();
    scheduler.runUntil(scheduler.nowMs + QUIET_MS);
    judge(this);
    return {
      problems: this.problems,
      published: this.published.length,
      received: this.all.reduce((sum, { life }) => sum + life.received.length, 0),
      faults: this.faults,
      virtualMs: scheduler.nowMs,
    };
  }

  get nowMs(): number {
    return this.scheduler.nowMs;
  }

  problem(text: string): void {
    if (this.problems.length < 10) this.problems.push(text);
  }

  #act(): void {
    const { dice, plan } = this;
    const client = this.clients[dice.below(CLIENTS)];
    if (plan.faultIn > 0 && dice.oneIn(plan.faultIn)) this.#fault();
    const what = dice.below(20);
    if (client === undefined || !client.life.isConnected || what === 0) this.#connect();
    else if (what === 1) client.leave(dice.oneIn(2));
    else if (what < 5) client.subscribe(this.#filter(), dice.below(3) as QoS);
    else this.#publish(client);
  }

  #connect(at = this.dice.below(CLIENTS)): void {
    const node = this.dice.pick(this.nodes);
    if (!node.process.isAlive) return;
    const client = new SimClient(`c${at}`, node, () => this.nowMs, {
      connected: () => this.#greet(at),
      payloadBytes: this.plan.payloadBytes ?? 0,
    });
    // The one before may still be there: then the broker closes it.
    this.clients[at] = client;
    this.all.push(client);
  }

  /** Somebody knows at once that a Client is there, and writes to it. [S6] */
  #greet(to: number): void {
    const other = this.clients[this.dice.below(CLIENTS)];
    if (other === undefined || !other.life.isConnected) return;
    this.#serial += 1;
    this.published.push(other.publish(`g/p2p/c${to}`, `${this.#serial}`, 1));
  }

  #filter(): string {
    if (this.dice.oneIn(4)) return `$share/g/${this.dice.pick(TOPICS)}`;
    return this.dice.pick(FILTERS);
  }

  #publish(client: SimClient): void {
    const { dice } = this;
    const isDirect = dice.oneIn(2);
    const to = dice.below(CLIENTS);
    // One QoS for each topic of a publisher: at another, a message may overtake.
    const qos = ((client.life.clientId.charCodeAt(1) + (isDirect ? to : 1)) % 3) as QoS;
    const topicName = isDirect ? `d/p2p/c${to}` : dice.pick(TOPICS);
    for (let count = 1 + dice.below(3); count > 0; count -= 1) {
      this.#serial += 1;
      this.published.push(client.publish(topicName, `${this.#serial}`, qos));
    }
  }

  #fault(): void {
    const { dice, scheduler } = this;
    const node = dice.pick(this.nodes);
    if (!node.process.isAlive || node.process.isPaused || node.fabric.isCut) return;
    this.faults += 1;
    this.nodeFaultsMs.push(this.nowMs);
    const forMs = dice.pick(this.plan.faultMs) + dice.below(1_000);
    const kind = dice.pick(this.plan.kinds);
    if (kind === "crash") {
      // What is acknowledged in its last moments has left it.
      for (const client of this.clients) {
        if (client?.life.node === node && client.life.isConnected) this.#publish(client);
      }
      scheduler.after(dice.below(20), () => node.crash());
      scheduler.after(forMs + 20, () => node.start());
    } else if (kind === "cut") {
      const { fabric } = node;
      fabric.isCut = true;
      scheduler.after(forMs, () => fabric.mend());
    } else {
      const { process } = node;
      node.pause();
      scheduler.after(forMs, () => {
        if (node.process === process && process.isPaused) node.goOn();
      });
      if (forMs > SILENT_MS) scheduler.after(SILENT_MS, () => this.#despair(node));
    }
    scheduler.after(forMs, () => this.nodeFaultsMs.push(this.nowMs));
  }

  /** Clients that hear nothing of their node go to any. */
  #despair(node: SimNode): void {
    for (const [at, client] of this.clients.entries()) {
      if (client?.life.node !== node || !client.life.isConnected) continue;
      client.leave(false);
      this.#connect(at);
    }
  }

  #mend(): void {
    for (const node of this.nodes) {
      node.fabric.mend();
      if (node.process.isPaused) node.goOn();
    }
  }

  /** When all is well again, everybody reaches everybody. */
  #lastMessages(): void {
    for (const client of this.clients) {
      if (client === undefined || !client.life.isConnected) continue;
      for (let to = 0; to < CLIENTS; to += 1) {
        this.#serial += 1;
        this.published.push(client.publish(`d/p2p/c${to}`, `${this.#serial}`, 1));
      }
      for (const topicName of TOPICS) {
        this.#serial += 1;
        this.published.push(client.publish(topicName, `${this.#serial}`, 2));
      }
    }
  }

  /** A node has sent something to a client: may it? One node serves a Client at a time. [L05] */
  #wrote(link: SimLink, bytes: Uint8Array): void {
    const type = (bytes[0] ?? 0) >> 4;
    const client = this.all.find(({ life }) => life.link === link);
    if (client === undefined) return;
    const { clientId } = client.life;
    if (type === PacketType.CONNACK && bytes[3] === 0) {
      const other = this.#serving.get(clientId);
      if (other !== undefined && other !== link && this.#isServed(other)) {
        this.problem(
          `${this.nowMs}: ${clientId} has CONNACK of ${link.node.name}, and ${other.node.name} serves it`,
        );
      }
      this.#serving.set(clientId, link);
    } else if (type === PacketType.PUBLISH && this.#serving.get(clientId) !== link) {
      this.problem(
        `${this.nowMs}: ${link.node.name} sends to ${clientId}, who is elsewhere by now`,
      );
    }
  }

  /** Whether a node could still send to that connection. */
  #isServed({ isEnded, node, connection }: SimLink): boolean {
    if (isEnded || !node.process.isAlive) return false;
    if (connection !== undefined && connection.phase >= 3) return false; // it is closed with this turn
    return this.nowMs < node.cluster.servesUntilMs;
  }
}
