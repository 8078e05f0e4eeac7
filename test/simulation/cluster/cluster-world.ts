import { PacketType, type QoS } from "../../../src/engine.js";
import { Random } from "../../codec-fuzz/random.js";
import { Scheduler } from "../scheduler.js";
import { judge } from "./cluster-oracle.js";
import { ClusterOwner } from "./cluster-owner.js";
import type { ClusterPlan } from "./cluster-profiles.js";
import { CreditWatch } from "./credit-watch.js";
import { judgeRetained, judgeSubscribed, RETAINED_TOPICS } from "./retained-oracle.js";
import { type Published, SimClient, SimSession } from "./sim-client.js";
import { type SimFabric, SimLog } from "./sim-fabric.js";
import { SimHome } from "./sim-home.js";
import { type NodeSettings, type SimLink, SimNode } from "./sim-node.js";

const CLIENTS = 6;
const TOPICS = ["t/1", "t/2"];
const FILTERS = ["t/1", "t/2", "t/#", ...RETAINED_TOPICS];
/** Too long for the envelope of a share, so that it goes nowhere else. */
const LONG_TOPIC = `long/${"x".repeat(30_000)}`;
const ODD_FILTERS = ["n/#", "$SYS/broker/#", LONG_TOPIC, `$share/g/${LONG_TOPIC}`];
/** A client that hears nothing of its node for so long goes elsewhere. */
const SILENT_MS = 8_000;
/** So long after a fault a node may need until it serves again: it has to join, perhaps twice. */
const RECOVERY_MS = 60_000;
/** A node that its owner stops has ended by then. */
const STOP_MS_MAX = 2_000;
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
  /** Of the clients with kept Sessions, what they keep themselves. */
  readonly sessions = new Map<number, SimSession>();
  /** Every connection there ever was. */
  readonly all: SimClient[] = [];
  readonly published: Published[] = [];
  /** Of these, and of those without payload, what was to be retained. */
  readonly retained: Published[] = [];
  readonly problems: string[] = [];
  /** Who serves each Client now: the node that has sent CONNACK last and has not closed it. */
  readonly #serving = new Map<string, SimLink>();
  /** Times at which a fault of a node began: a promise about that time is another one. */
  readonly nodeFaultsMs: number[] = [];
  /** When each node had a fault, or had to recover from it. */
  readonly hurts: { readonly node: SimNode; readonly fromMs: number; readonly toMs: number }[] = [];
  faults = 0;
  readonly #owner: ClusterOwner | undefined;
  #serial = 0;

  constructor(seed: number, plan: ClusterPlan) {
    this.plan = plan;
    this.dice = new Random(seed);
    if (plan.isOdd === true) this.#owner = new ClusterOwner(this);
    const settings = this.#settings();
    for (let at = 0; at < plan.nodes; at += 1) settings.homes?.set(`n${at}`, new SimHome());
    const inboxes = new Map<string, SimFabric>();
    const sent = (to: string, bytes: Uint8Array): void => this.credit.sent(to, bytes);
    for (let at = 0; at < plan.nodes; at += 1) {
      const wrote = (link: SimLink, bytes: Uint8Array): void => this.#wrote(link, bytes);
      const { scheduler, dice, log } = this;
      this.nodes.push(
        new SimNode(
          `n${at}`,
          scheduler,
          dice,
          log,
          inboxes,
          { ...plan.fabric, sent },
          wrote,
          settings,
        ),
      );
    }
  }

  #settings(): NodeSettings {
    const { isOdd, workPerTurnMax, onEngineLoss = "close", areAdopting = false } = this.plan;
    const limits = workPerTurnMax === undefined ? {} : { workPerTurnMax };
    const isStrict = isOdd === true && this.dice.oneIn(2);
    return {
      ...{ onEngineLoss, options: { limits, takeOverBy: isStrict ? "same-user" : "anyone" } },
      ...(areAdopting && { homes: new Map() }),
    };
  }

  run(): ClusterOutcome {
    const { plan, dice, scheduler } = this;
    for (let step = 0; step < plan.steps; step += 1) {
      scheduler.runUntil(scheduler.nowMs + dice.below(plan.stepMsMax));
      this.#act();
    }
    this.#mend();
    scheduler.runUntil(scheduler.nowMs + QUIET_MS);
    this.#comeBack();
    this.#lastMessages();
    scheduler.runUntil(scheduler.nowMs + QUIET_MS);
    judge(this);
    judgeRetained(this, "at the end");
    judgeSubscribed(this);
    this.#startAnew();
    judgeRetained(this, "after all have started anew");
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
    this.#owner?.act();
    const what = dice.below(20);
    if (client === undefined || !client.life.isConnected || what === 0) this.#connect();
    else if (what === 1) client.leave(dice.oneIn(2));
    else if (what < 5) client.subscribe(this.#filter(client), dice.below(3) as QoS);
    else if (what < 8 && this.plan.durable === undefined) this.#retain(client);
    else this.#publish(client);
  }

  #connect(at = this.dice.below(CLIENTS)): void {
    const node = this.dice.pick(this.nodes);
    if (!node.process.isAlive || node.isStopping) return;
    const client = new SimClient(`c${at}`, node, () => this.nowMs, {
      ...this.#sessionOf(at),
      connected: () => this.#greet(at),
      acknowledged: (published) => this.#lookUp(published),
      payloadBytes: this.plan.payloadBytes ?? 0,
      ...this.#owner?.guise(`c${at}`),
    });
    // The one before may still be there: then the broker closes it.
    this.clients[at] = client;
    this.all.push(client);
  }

  /** Nearly always its kept Session; else it begins anew, and keeps nothing. */
  #sessionOf(at: number): { session?: SimSession; ended?: SimSession } {
    if (at >= (this.plan.durable ?? 0)) return {};
    const session = this.sessions.get(at) ?? new SimSession();
    this.sessions.set(at, session);
    return this.dice.oneIn(30) ? { ended: session } : { session };
  }

  /** Somebody knows at once that a Client is there, and writes to it. [S6] */
  #greet(to: number): void {
    const other = this.clients[this.dice.below(CLIENTS)];
    if (other === undefined || !other.life.isConnected) return;
    this.#serial += 1;
    this.published.push(other.publish(`g/p2p/c${to}`, `${this.#serial}`, 1));
  }

  /** Somebody knows at once that something was retained, and asks for it, perhaps once more. */
  #lookUp(published: Published): void {
    const other = this.clients[this.dice.below(CLIENTS)];
    if (other === undefined || !other.life.isConnected) return;
    if (this.retained.includes(published)) other.subscribe(published.topicName, 1);
  }

  /** Some with kept Sessions are in no group: then it is plain what they are to get. */
  #filter({ life }: SimClient): string {
    const mayShare = !life.isKept || life.clientId > "c1";
    if (this.dice.oneIn(4) && mayShare) return `$share/g/${this.dice.pick(TOPICS)}`;
    if (this.plan.isOdd === true && this.dice.oneIn(3)) return this.dice.pick(ODD_FILTERS);
    return this.dice.pick(FILTERS);
  }

  #publish(client: SimClient): void {
    const { dice } = this;
    const isDirect = dice.oneIn(2);
    const to = dice.below(CLIENTS);
    // One QoS for each topic of a publisher: at another, a message may overtake.
    const qos = ((client.life.clientId.charCodeAt(1) + (isDirect ? to : 1)) % 3) as QoS;
    const isLong = this.plan.isOdd === true && dice.oneIn(8);
    const topicName = isDirect ? `d/p2p/c${to}` : isLong ? LONG_TOPIC : dice.pick(TOPICS);
    for (let count = 1 + dice.below(3); count > 0; count -= 1) {
      this.#serial += 1;
      this.published.push(client.publish(topicName, `${this.#serial}`, qos));
    }
  }

  /** Says something for later, takes it back, or both at once at several nodes. */
  #retain(client: SimClient): void {
    const { dice, clients } = this;
    const topicName = dice.pick(RETAINED_TOPICS);
    const others = dice.oneIn(3) ? clients : [];
    for (const one of new Set([client, ...others])) {
      if (one === undefined || !one.life.isConnected) continue;
      this.#serial += 1;
      const text = dice.oneIn(4) ? "" : `${this.#serial}`;
      const qos = ((one.life.clientId.charCodeAt(1) + 1) % 3) as QoS;
      const published = one.publish(topicName, text, qos, true);
      this.retained.push(published);
      if (text !== "") this.published.push(published);
    }
  }

  /** Nothing is left but what is in the log. */
  #startAnew(): void {
    for (const node of this.nodes) node.crash();
    for (const node of this.nodes) node.start();
    this.scheduler.runUntil(this.scheduler.nowMs + QUIET_MS);
  }

  #mayBeHurt(node: SimNode): boolean {
    const { process, fabric, isStopping } = node;
    if (!process.isAlive || process.isPaused || fabric.isCut || isStopping) return false;
    // Where others stand in for nodes, somebody is left who knows what they had.
    return this.plan.areAdopting !== true || node !== this.nodes[0];
  }

  #fault(): void {
    const { dice, scheduler } = this;
    const node = dice.pick(this.nodes);
    if (!this.#mayBeHurt(node)) return;
    this.faults += 1;
    this.nodeFaultsMs.push(this.nowMs);
    const forMs = dice.pick(this.plan.faultMs) + dice.below(1_000);
    this.hurts.push({ node, fromMs: this.nowMs, toMs: this.nowMs + forMs + RECOVERY_MS });
    const kind = dice.pick(this.plan.kinds);
    if (kind === "crash") {
      // What is acknowledged in its last moments has left it.
      for (const client of this.clients) {
        if (client?.life.node !== node || !client.life.isConnected) continue;
        this.#publish(client);
        this.#retain(client);
      }
      scheduler.after(dice.below(20), () => node.crash());
      scheduler.after(forMs + 20, () => node.start());
    } else if (kind === "leave") {
      node.stop();
      scheduler.after(forMs + STOP_MS_MAX, () => node.start());
    } else if (kind === "cut") {
      node.cut();
      scheduler.after(forMs, () => node.mend());
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
      if (this.plan.areAdopting === true && this.dice.oneIn(2)) continue; // it has patience
      client.leave(false);
      this.#connect(at);
    }
  }

  #mend(): void {
    for (const node of this.nodes) {
      node.mend();
      if (node.process.isPaused) node.goOn();
    }
  }

  /** Whoever has a kept Session fetches what waits in it. */
  #comeBack(): void {
    const { scheduler, plan } = this;
    if (plan.durable === undefined) return;
    for (let at = 0; at < plan.durable; at += 1) {
      if (this.clients[at]?.life.isConnected !== true) this.#connect(at);
    }
    scheduler.runUntil(scheduler.nowMs + QUIET_MS);
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
