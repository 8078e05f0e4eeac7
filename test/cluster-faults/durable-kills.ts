import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Random } from "../codec-fuzz/random.js";
import { disordered, doubled, forgotten, missing } from "../crash/judge.js";
import { freePorts } from "../support/free-ports.js";
import { NatsServers } from "../support/nats-servers.js";
import { ClusterNodeProcess } from "./cluster-node-process.js";
import { RovingClient } from "./roving-client.js";

export interface KillPlan {
  readonly kills: number;
  readonly seed: number;
  /**
   * Nobody has moved for a while when something is killed: a node that dies right after a session has left it
   * may take along what it was still passing on to that, as docs/cluster.md says. Default false.
   */
  readonly areMovesOver?: boolean;
  /** Told what happens. */
  readonly tell?: (line: string) => void;
}

export interface KillResult {
  /** Sentences about promises that were broken. */
  readonly broken: readonly string[];
  /** QoS 2 messages that came twice: none may. [M36] */
  readonly twice: readonly string[];
  /** How often each was killed. */
  readonly killed: Readonly<Record<Victim, number>>;
  readonly published: number;
  readonly acknowledged: number;
  readonly deliveries: number;
  readonly connects: number;
  /** The last lines of the nodes. */
  readonly output: string;
}

const NODES = 3;
const WRITERS = 6;
const INBOXES = 6;
const SUBSCRIBERS = 3;
const WINDOW = 20;
const TICK_MS = 20;
/** More than an entry of the log takes to be read, and what was sent before it, even while NATS has no leader. */
const MOVE_OVER_MS = 3_000;
/** After the last kill everything must have arrived within this. */
const CALM_MAX_MS = 90_000;
/** What is killed, in turns: nodes mostly. */
const VICTIMS = ["node", "node", "server", "node", "both"] as const;
type Victim = (typeof VICTIMS)[number];
/** So much is acknowledged between two kills at least, however slow the machine: else the second proves little. */
const ACKNOWLEDGED_MIN = 100;

/**
 * Three nodes with data folders over three NATS servers, and clients that keep their sessions and go from
 * node to node. Nodes, servers or one of each are killed with SIGKILL and started again within 5 s; at the end
 * everything that was acknowledged must have come, in order, and no session may ever have been gone.
 */
export async function killDurableNodes(plan: KillPlan): Promise<KillResult> {
  const folder = mkdtempSync(join(tmpdir(), "beeline-durable-kills-"));
  const servers = await NatsServers.start(3);
  const world = new KillWorld(plan, servers, await freePorts(NODES), folder);
  try {
    await world.work();
    return world.result();
  } finally {
    await world.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

class KillWorld {
  readonly #plan: KillPlan;
  /** Of the traffic: how often it is thrown is up to the machine. */
  readonly #dice: Random;
  readonly #servers: NatsServers;
  readonly #nodes: readonly ClusterNodeProcess[];
  readonly #readers: readonly RovingClient[];
  readonly #writers: readonly RovingClient[];
  readonly #clients: readonly RovingClient[];
  readonly #broken: string[] = [];
  readonly #ticks: NodeJS.Timeout;
  readonly #killed = { node: 0, server: 0, both: 0 };
  #isPublishing = false;
  /** From a node that works to another one. */
  #mayMove = true;
  #published = 0;

  constructor(plan: KillPlan, servers: NatsServers, ports: readonly number[], folder: string) {
    this.#plan = plan;
    this.#dice = new Random(plan.seed);
    this.#servers = servers;
    const main = ClusterNodeProcess.main();
    this.#nodes = ports.map((port, at) => {
      const extra = ["--data-dir", join(folder, `${at}`)];
      return new ClusterNodeProcess(`node-${at}`, port, main, servers.urls, extra);
    });
    for (const node of this.#nodes) node.start();
    this.#readers = [
      ...Array.from({ length: INBOXES }, (_, at) => new RovingClient(`i${at}`, [], ports, at)),
      ...Array.from(
        { length: SUBSCRIBERS },
        (_, at) => new RovingClient(`s${at}`, [["t/#", 2]], ports, at),
      ),
    ];
    this.#writers = Array.from(
      { length: WRITERS },
      (_, at) => new RovingClient(`w${at}`, [], ports, at),
    );
    this.#clients = [...this.#readers, ...this.#writers];
    this.#ticks = setInterval(() => this.#tick(), TICK_MS);
  }

  async work(): Promise<void> {
    await this.#until("all clients are there", () => this.#clients.every((one) => one.isQuiet));
    this.#isPublishing = true;
    const dice = new Random(this.#plan.seed);
    for (let done = 0; done < this.#plan.kills; done += 1) {
      const enough = this.#acknowledged + ACKNOWLEDGED_MIN;
      await delay(500 + dice.below(1_500));
      await this.#until("enough is acknowledged", () => this.#acknowledged >= enough);
      if (this.#plan.areMovesOver === true) await this.#untilMovesAreOver();
      await this.#kill(done, dice);
      this.#mayMove = true;
    }
    await delay(1_000);
    this.#isPublishing = false;
    await this.#until("all clients are there again, and everything is acknowledged", () =>
      this.#clients.every((one) => one.isQuiet),
    );
    await this.#until("everything that was acknowledged has come", () => this.#missing() === 0);
    await delay(500); // for what comes twice
  }

  result(): KillResult {
    const writers = this.#writers;
    return {
      broken: [
        ...this.#broken,
        ...this.#readers.flatMap((reader) => [
          ...missing(reader, writers, expects(reader.clientId)),
          ...disordered(reader),
        ]),
        ...this.#clients.flatMap(forgotten),
        // On a slow machine one may come back just as it is adopted, and is ended by that.
        ...this.#nodes.flatMap(({ name, unexpectedEnds, replacedEnds }) =>
          unexpectedEnds === replacedEnds
            ? []
            : [`${name} ended by itself, ${unexpectedEnds - replacedEnds} times`],
        ),
      ],
      twice: this.#readers.flatMap(doubled),
      killed: this.#killed,
      published: this.#published,
      acknowledged: this.#acknowledged,
      deliveries: this.#readers.reduce((sum, { received }) => sum + received.length, 0),
      connects: this.#clients.reduce((sum, { sessionPresent }) => sum + sessionPresent.length, 0),
      output: this.#nodes.map(({ name, lines }) => `${name}: ${lines.join("\n")}`).join("\n\n"),
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#ticks);
    for (const client of this.#clients) client.lost();
    await Promise.all(this.#nodes.map((node) => node.kill()));
    await this.#servers.stop();
  }

  get #acknowledged(): number {
    return this.#writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const client of this.#clients) client.rove(nowMs);
    if (!this.#isPublishing) return;
    for (const writer of this.#writers) this.#publishSome(writer);
    if (this.#mayMove && this.#dice.oneIn(25)) this.#dice.pick(this.#clients).move(nowMs);
  }

  #publishSome(writer: RovingClient): void {
    while (writer.outstanding < WINDOW && !this.#dice.oneIn(5)) {
      this.#published += 1;
      const qos = this.#dice.oneIn(2) ? 1 : 2;
      const topicName = this.#dice.oneIn(4)
        ? `t/${writer.clientId}`
        : `p/p2p/i${this.#dice.below(INBOXES)}`;
      writer.publish(topicName, `${qos}:${writer.clientId}:${writer.nextNumber()}`, qos, false);
    }
  }

  async #kill(nth: number, dice: Random): Promise<void> {
    const victim = VICTIMS[nth % VICTIMS.length] as Victim;
    const [at, server, ms] = [dice.below(NODES), dice.below(3), dice.below(4_000)];
    const node = this.#nodes[at];
    this.#plan.tell?.(
      `${nth}: kills ${victim}, ${at} of the nodes, ${server} of the servers, back after ${ms} ms`,
    );
    await Promise.all([
      victim === "server" ? undefined : node?.kill(),
      victim === "node" ? undefined : this.#servers.kill(server),
    ]);
    this.#killed[victim] += 1;
    await delay(ms);
    if (victim !== "server") node?.start();
    if (victim === "node") return;
    await this.#servers.restart(server);
    await delay(3_000); // until it has caught up, the other two are needed
  }

  /** All nodes have read of the last move, and nothing of it is on its way. */
  async #untilMovesAreOver(): Promise<void> {
    this.#mayMove = false;
    await this.#until("all clients are there", () => this.#clients.every((one) => one.isConnected));
    await delay(MOVE_OVER_MS);
  }

  #missing(): number {
    return this.#readers.reduce(
      (sum, reader) => sum + missing(reader, this.#writers, expects(reader.clientId)).length,
      0,
    );
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const end = performance.now() + CALM_MAX_MS;
    while (!isSo()) {
      if (performance.now() > end) {
        this.#broken.push(`in ${CALM_MAX_MS / 1_000} s not all of it was so: ${what}`);
        return;
      }
      await delay(100);
    }
  }
}

/** Which messages are for this reader. */
function expects(clientId: string): (topicName: string) => boolean {
  if (clientId.startsWith("s")) return (topicName) => topicName.startsWith("t/");
  return (topicName) => topicName === `p/p2p/${clientId}`;
}
