import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../codec-fuzz/random.js";
import { CrashClient } from "../crash/client.js";
import { RealRocketMq } from "../rocketmq/real-rocketmq.js";
import { type BeelineProcess, beelineProcess } from "./beeline-process.js";
import { doubles, judge, ORDERED } from "./judge.js";

export interface FaultOptions {
  readonly protocol: "grpc" | "remoting";
  /** How often each victim is killed. */
  readonly kills: number;
  /** Messages in all. */
  readonly messages: number;
  readonly seed: number;
  /** Told how far it is. */
  readonly say: (line: string) => void;
}

/** What came of it. */
export interface FaultResult {
  readonly published: number;
  readonly acknowledged: number;
  readonly received: number;
  /** Acknowledged by everybody before a fault: these may not come again. */
  readonly settled: number;
  readonly doubled: number;
  /** One line each; none is what is wanted. */
  readonly problems: readonly string[];
}

/** The server that takes messages to RocketMQ, the one that takes them from there, and RocketMQ. */
const VICTIMS = ["near", "far", "RocketMQ"] as const;
type Victim = (typeof VICTIMS)[number];

const READER = "reader";
const WRITERS = ["w0", "w1", "w2"];
/** Unacknowledged messages of one writer. */
const WINDOW = 20;
/** For a connection to come about. */
const RECONNECT_MS = 3_000;
/** Longer than RocketMQ hides what a dead process has received, and longer than its start takes. */
const PATIENCE_MS = 120_000;
/** By then RocketMQ knows what was acknowledged: over the older protocol it is told once a second. */
const SETTLE_MS = 2_500;
/** For all acknowledgements to come; else nothing is known of these messages. */
const ACKNOWLEDGED_MS = 20_000;
/** Time for what comes again without a reason: RocketMQ hides it for 15 s and some 5 more. */
const AFTERMATH_MS = 22_000;

/**
 * Kills two servers and the RocketMQ between them, by turns, while clients of the one publish to a client
 * of the other. All are real, with their state on disk.
 *
 * In each cycle some messages pass with nothing wrong; then, in the middle of more of them, one of the
 * three is killed with SIGKILL and started again.
 *
 * @throws Error when something does not start, or does not finish what waits.
 */
export async function runFaults(options: FaultOptions): Promise<FaultResult> {
  const folder = mkdtempSync(join(tmpdir(), "beeline-faults-"));
  const topics = ["plain", "ordered:FIFO", "far:ORDERED"];
  const rocketMq = await RealRocketMq.start(topics, "SYNC_FLUSH");
  const faults = new Faults(options, folder, rocketMq);
  try {
    return await faults.run();
  } finally {
    await faults.end();
    await rocketMq.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Faults {
  readonly #options: FaultOptions;
  readonly #folder: string;
  readonly #rocketMq: RealRocketMq;
  readonly #random: Random;
  readonly #reader = new CrashClient(READER, [["plain/all", 1]]);
  readonly #writers = WRITERS.map((id) => new CrashClient(id, []));
  readonly #triedMs = new Map<CrashClient, number>();
  readonly #published = new Set<string>();
  readonly #settled = new Map<string, number>();
  #near: BeelineProcess | undefined;
  #far: BeelineProcess | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: FaultOptions, folder: string, rocketMq: RealRocketMq) {
    this.#options = options;
    this.#folder = folder;
    this.#rocketMq = rocketMq;
    this.#random = new Random(options.seed);
  }

  async run(): Promise<FaultResult> {
    const { kills, messages, say } = this.#options;
    this.#near = await this.#start("near");
    this.#far = await this.#start("far");
    this.#watch = setInterval(() => this.#connectAll(), 50);
    await until(() => this.#reader.isQuiet, "the reader to be subscribed");
    const cycles = kills * VICTIMS.length;
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const victim = VICTIMS[cycle % VICTIMS.length] ?? "near"; // never
      await this.#cycle(victim, Math.ceil(messages / cycles));
      say(
        `${cycle + 1} of ${cycles}: ${victim} was killed; ${this.#reader.received.length} arrived`,
      );
    }
    await until(() => this.#writers.every(({ isQuiet }) => isQuiet), "all acknowledgements");
    const acknowledged = this.#writers.flatMap((writer) => writer.acknowledged);
    const payloads = acknowledged.map(({ payload }) => payload);
    await until(
      () => this.#missing(payloads) === 0,
      () => `${this.#missing(payloads)} acknowledged messages`,
    );
    await sleep(AFTERMATH_MS);
    const { received } = this.#reader;
    return {
      published: this.#published.size,
      acknowledged: payloads.length,
      received: received.length,
      settled: this.#settled.size,
      doubled: doubles(received).length,
      problems: judge({
        ...{ reader: this.#reader, writers: this.#writers },
        ...{ published: this.#published, settled: this.#settled },
      }),
    };
  }

  async end(): Promise<void> {
    clearInterval(this.#watch);
    for (const client of [this.#reader, ...this.#writers]) client.lost();
    await Promise.all([this.#near?.kill(), this.#far?.kill()]);
  }

  async #cycle(victim: Victim, count: number): Promise<void> {
    const half = Math.floor(count / 2);
    const calm = await this.#publish(half, ["plain/all", `plain/p2p/${READER}`]);
    await until(() => this.#missing(calm) === 0, "messages between two faults");
    await until(() => this.#writers.every(({ isQuiet }) => isQuiet), "their acknowledgements");
    if (await this.#isAcknowledged()) {
      await sleep(SETTLE_MS);
      const arrived = this.#reader.received.length;
      for (const one of calm) this.#settled.set(one, arrived);
    }
    const all = ["plain/all", `plain/p2p/${READER}`, `ordered/p2p/${READER}`];
    const busy = this.#publish(count - half, all);
    await sleep(this.#random.below(150));
    await this.#kill(victim);
    await busy;
  }

  /** Whether RocketMQ knows that everything has arrived which it has handed out. */
  async #isAcknowledged(): Promise<boolean> {
    for (const endMs = Date.now() + ACKNOWLEDGED_MS; Date.now() < endMs; ) {
      const names = ["received_total", "acknowledged_total"];
      const figures = await Promise.all(names.map((name) => this.#far?.figure(name)));
      if (figures[0] === figures[1]) return true;
      await sleep(100);
    }
    return false;
  }

  async #kill(victim: Victim): Promise<void> {
    switch (victim) {
      case "near":
        await this.#near?.kill();
        this.#near = await this.#start("near");
        break;
      case "far":
        await this.#far?.kill();
        this.#far = await this.#start("far");
        break;
      case "RocketMQ":
        await this.#rocketMq.kill();
        await this.#rocketMq.again();
    }
  }

  /** As fast as the acknowledgements come. @returns the payloads. */
  async #publish(count: number, topics: readonly string[]): Promise<string[]> {
    const payloads: string[] = [];
    while (payloads.length < count) {
      const writer = this.#writers.find(({ outstanding }) => outstanding < WINDOW);
      if (writer === undefined) {
        await sleep(1);
        continue;
      }
      const topicName = this.#random.pick(topics);
      const kind = topicName.startsWith("ordered") ? ORDERED : "plain";
      const payload = `${kind}:${writer.clientId}:${writer.nextNumber()}`;
      this.#published.add(payload);
      payloads.push(payload);
      writer.publish(topicName, payload, 1, false);
      if (this.#random.oneIn(8)) await sleep(1);
    }
    return payloads;
  }

  /** How many of these have not arrived. */
  #missing(payloads: readonly string[]): number {
    const arrived = new Set(this.#reader.received);
    return payloads.filter((payload) => !arrived.has(payload)).length;
  }

  async #start(name: "near" | "far"): Promise<BeelineProcess> {
    const { protocol } = this.#options;
    const address = protocol === "grpc" ? this.#rocketMq.grpc : this.#rocketMq.nameServer;
    const flags = ["--admin-port", "0", "--data-dir", join(this.#folder, name)];
    flags.push("--log-level", "error");
    flags.push("--rocketmq", address, "--rocketmq-protocol", protocol, "--rocketmq-group", name);
    const topics = "plain,ordered";
    if (name === "far") return beelineProcess([...flags, "--rocketmq-in", topics]);
    return beelineProcess([...flags, "--rocketmq-out", topics, "--rocketmq-ordered", "ordered"]);
  }

  /** Whoever has lost the connection connects again, as clients do. */
  #connectAll(): void {
    for (const writer of this.#writers) this.#connect(writer, this.#near);
    this.#connect(this.#reader, this.#far);
  }

  #connect(client: CrashClient, server: BeelineProcess | undefined): void {
    if (client.isConnected || server === undefined) return;
    const nowMs = performance.now();
    if (nowMs - (this.#triedMs.get(client) ?? -RECONNECT_MS) < RECONNECT_MS) return;
    this.#triedMs.set(client, nowMs);
    client.cut(server.port);
  }
}

async function until(isTrue: () => boolean, what: string | (() => string)): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (Date.now() > endMs) {
      throw new Error(`waited in vain for ${typeof what === "string" ? what : what()}`);
    }
    await sleep(50);
  }
}
