import { setTimeout as delay } from "node:timers/promises";
import { Random } from "../codec-fuzz/random.js";
import { freePorts } from "../support/free-ports.js";
import { NatsServers } from "../support/nats-servers.js";
import { checkHistory } from "./check-history.js";
import { ClusterNodeProcess } from "./cluster-node-process.js";
import { HistoryClient } from "./history-client.js";
import { Wire } from "./wire.js";

/** What is done to three nodes over three NATS servers. */
export interface FaultPlan {
  readonly faults: number;
  readonly clients: number;
  readonly seed: number;
  /** Told what happens. */
  readonly tell?: (line: string) => void;
}

export interface FaultResult {
  /** Sentences about promises that were broken. */
  readonly broken: readonly string[];
  readonly sent: number;
  readonly acknowledged: number;
  readonly received: number;
  readonly connects: number;
  /** The last lines of nodes and servers. */
  readonly output: string;
}

const NODES = 3;
const SEND_EVERY_MS = 50;
/** After the last fault everybody must reach everybody within this. */
const CALM_MAX_MS = 60_000;

/** One run: faults by the seed, one after the other and some at once, then calm, then the check. */
export async function runFaults(plan: FaultPlan): Promise<FaultResult> {
  const world = await FaultWorld.start(plan);
  try {
    await world.work();
    return await world.result();
  } finally {
    await world.stop();
  }
}

class FaultWorld {
  readonly #plan: FaultPlan;
  readonly #dice: Random;
  /** What happens, in order. Not by the dice of the messages: how many are sent is the machine's speed. */
  readonly #kinds: readonly Kind[];
  readonly #servers: NatsServers;
  /** Of each node to each server. */
  readonly #wires: readonly (readonly Wire[])[];
  readonly #nodes: readonly ClusterNodeProcess[];
  readonly #ports: readonly number[];
  #clients: readonly HistoryClient[] = [];
  readonly #broken: string[] = [];
  readonly #heals = new Set<Promise<void>>();
  readonly #hurt = new Set<string>();
  #sending: NodeJS.Timeout | undefined;

  private constructor(
    plan: FaultPlan,
    servers: NatsServers,
    wires: readonly (readonly Wire[])[],
    ports: readonly number[],
  ) {
    this.#plan = plan;
    this.#dice = new Random(plan.seed);
    this.#kinds = kindsOf(plan);
    this.#servers = servers;
    this.#wires = wires;
    const main = ClusterNodeProcess.main();
    this.#nodes = ports.map((port, at) => {
      const urls = wires[at]?.map(({ url }) => url) ?? [];
      return new ClusterNodeProcess(`node-${at}`, port, main, urls);
    });
    for (const node of this.#nodes) node.start();
    this.#ports = ports;
  }

  static async start(plan: FaultPlan): Promise<FaultWorld> {
    const servers = await NatsServers.start(3, { isHidden: true });
    const targets = servers.urls.map((url) => Number(url.split(":").at(-1)));
    const wires = await Promise.all(
      Array.from({ length: NODES }, () => Promise.all(targets.map((port) => Wire.to(port)))),
    );
    return new FaultWorld(plan, servers, wires, await freePorts(NODES));
  }

  async work(): Promise<void> {
    await this.#serving();
    this.#clients = Array.from(
      { length: this.#plan.clients },
      (_, at) => new HistoryClient(`client-${at}`, this.#ports, at),
    );
    await this.#until("all clients connect", () => this.#clients.every((one) => one.isConnected));
    this.#sending = setInterval(() => this.#send(), SEND_EVERY_MS);
    await delay(1_500);
    for (let done = 0; done < this.#plan.faults; ) {
      if (this.#fault(done)) done += 1;
      await delay(500 + this.#dice.below(1_500));
    }
    await Promise.all(this.#heals);
    await this.#until("all clients connect again", () =>
      this.#clients.every((one) => one.isConnected),
    );
    await this.#calm();
    clearInterval(this.#sending);
    await this.#until("all messages are acknowledged", () =>
      this.#clients.every((one) => one.isConnected && one.unackedCount === 0),
    );
    await delay(1_000);
  }

  /** Clients begin when all nodes serve: else all might be at the first that does, and faults of others hurt nobody. */
  async #serving(): Promise<void> {
    const probes = this.#ports.map((port, at) => new HistoryClient(`probe-${at}`, [port], 0));
    await this.#until("all nodes serve", () => probes.every((one) => one.isConnected));
    for (const probe of probes) probe.stop();
  }

  async result(): Promise<FaultResult> {
    const clients = this.#clients;
    const sent = clients.flatMap((client) => client.sent);
    const spans = clients.flatMap((client) => client.spans);
    return {
      broken: [...this.#broken, ...checkHistory(clients)],
      sent: sent.length,
      acknowledged: sent.filter(({ ackedMs }) => ackedMs !== undefined).length,
      received: spans.reduce((sum, { received }) => sum + received.length, 0),
      connects: spans.length,
      output: this.#nodes.map(({ name, lines }) => `${name}: ${lines.join("\n")}`).join("\n\n"),
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#sending);
    for (const client of this.#clients) client.stop();
    await Promise.all(this.#nodes.map((node) => node.kill()));
    for (const wire of this.#wires.flat()) wire.close();
    await this.#servers.stop();
  }

  /** A part of them, so that many receivers get from many. */
  #send(): void {
    for (let times = 0; times < Math.ceil(this.#clients.length / 5); times += 1) {
      const [from, to] = [this.#dice.pick(this.#clients), this.#dice.pick(this.#clients)];
      from.send(to.id, this.#dice.oneIn(2) ? 1 : 2);
    }
  }

  /**
   * Each is hurt by one fault at a time; most of the NATS servers run.
   *
   * @returns whether it has done something: what is hurt already is left alone.
   */
  #fault(at: number): boolean {
    const node = this.#dice.below(NODES);
    const kind = this.#kinds[at] as Kind; // in bounds
    const ms = 500 + this.#dice.below(kind === "stop node" && this.#dice.oneIn(4) ? 16_000 : 5_000);
    const server = this.#dice.below(3);
    const part = kind.endsWith("server") ? "server" : `node ${node}`;
    if (kind === "same id") {
      this.#plan.tell?.(`${at}: one identifier connects to all nodes at once`);
      this.#sameId();
      return true;
    }
    if (this.#hurt.has(part)) return false;
    const nowMs = Math.round(performance.now());
    this.#plan.tell?.(
      `${at}, ${nowMs} ms: ${kind} ${part === "server" ? server : node} for ${ms} ms`,
    );
    this.#hurt.add(part);
    const heal = this.#hurtFor(kind, node, server, ms).finally(() => {
      this.#hurt.delete(part);
      this.#heals.delete(heal);
    });
    this.#heals.add(heal);
    return true;
  }

  async #hurtFor(kind: Kind, at: number, server: number, ms: number): Promise<void> {
    const node = this.#nodes[at];
    const wires = this.#wires[at] ?? [];
    switch (kind) {
      case "kill node":
        await node?.kill();
        await delay(ms);
        node?.start();
        return;
      case "stop node":
        node?.pause();
        await delay(ms);
        node?.resume();
        return;
      case "cut node":
        for (const wire of wires) wire.cut();
        await delay(ms);
        for (const wire of wires) wire.mend();
        return;
      case "hang node":
        for (const wire of wires) wire.hang();
        await delay(ms);
        for (const wire of wires) wire.mend();
        return;
      case "kill server":
        await this.#servers.kill(server);
        await delay(ms);
        await this.#servers.restart(server);
        await delay(3_000); // until it has caught up, the other two are needed
        return;
      default:
        this.#servers.pause(server);
        await delay(ms);
        this.#servers.resume(server);
        await delay(3_000);
        return;
    }
  }

  /** Three connections of one identifier, which are not clients of the history: one stays at most. */
  #sameId(): void {
    const ports = this.#nodes.map(({ port }) => port);
    const heal = (async () => {
      const rivals = ports.map((port) => new HistoryClient("rival", [port], 0));
      await delay(2_000);
      for (const rival of rivals) rival.stop();
    })().finally(() => this.#heals.delete(heal));
    this.#heals.add(heal);
  }

  /** From each client to the next a message comes through. */
  async #calm(): Promise<void> {
    const since = performance.now();
    const reached = (client: HistoryClient): boolean =>
      client.spans.at(-1)?.received.some(({ atMs }) => atMs > since) === true;
    await this.#until("all clients are reached again", () => this.#clients.every(reached));
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const end = performance.now() + CALM_MAX_MS;
    while (!isSo()) {
      if (performance.now() > end) {
        this.#broken.push(`in ${CALM_MAX_MS / 1_000} s not all of it was so: ${what}`);
        return;
      }
      await delay(50);
    }
  }
}

const KINDS = [
  "kill node",
  "stop node",
  "cut node",
  "hang node",
  "kill server",
  "stop server",
  "same id",
] as const;
type Kind = (typeof KINDS)[number];

/** As decks of cards: among any few faults is each kind, so that no run is without a killed node. */
function kindsOf({ faults, seed }: FaultPlan): readonly Kind[] {
  const dice = new Random(seed);
  const kinds: Kind[] = [];
  while (kinds.length < faults) {
    const deck = [...KINDS];
    while (deck.length > 0) kinds.push(...deck.splice(dice.below(deck.length), 1));
  }
  return kinds;
}
