import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../codec-fuzz/random.js";
import { CrashClient } from "./client.js";
import { isComplete, judge } from "./judge.js";

/** How often to kill, and what. */
export interface CrashOptions {
  readonly cycles: number;
  /** The same seed, the same traffic; where the server is killed is up to the clock. */
  readonly seed: number;
  /** The server's `--transport`. Default: its own, `auto`. */
  readonly transport?: string;
  /** The server's `--durability`. */
  readonly durability: string;
  /** How long each payload is, at least: large ones are kept once for all receivers. Default 0. */
  readonly payloadBytes?: number;
  /** `limits.workPerTurnMax`: how much is done in one turn; 0: as usual. */
  readonly workPerTurn?: number;
}

/** What came of it. */
export interface CrashResult {
  readonly published: number;
  readonly acknowledged: number;
  readonly deliveries: number;
  /** One line each; none is what is wanted. */
  readonly problems: readonly string[];
}

const WRITERS = ["w0", "w1", "w2"];
const WINDOW = 20;
/** Longer than the server may take to start and to serve what waits. */
const PATIENCE_MS = 30_000;

/**
 * Kills the built server again and again while clients publish and receive, and checks that nothing
 * acknowledged was lost. The server, its store and the network are real; the clients keep what the
 * standard asks them to keep.
 *
 * @throws Error when the server does not start, or does not finish what waits.
 */
export async function crashLoop(options: CrashOptions): Promise<CrashResult> {
  const folder = mkdtempSync(join(tmpdir(), "beeline-crash-"));
  try {
    return await new CrashLoop(options, folder).run();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Server {
  readonly port: number;
  /** With SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

class CrashLoop {
  readonly #options: CrashOptions;
  readonly #folder: string;
  readonly #random: Random;
  readonly #readers = [
    new CrashClient("r0", [["t/#", 2]]),
    new CrashClient("r1", [["t/#", 1]]),
    new CrashClient("r2", []),
  ];
  readonly #writers = WRITERS.map((id) => new CrashClient(id, []));
  readonly #clients = [...this.#readers, ...this.#writers];
  #published = 0;

  constructor(options: CrashOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
    this.#random = new Random(options.seed);
    for (const client of this.#clients) client.payloadBytes = options.payloadBytes ?? 0;
  }

  async run(): Promise<CrashResult> {
    for (let cycle = 0; cycle < this.#options.cycles; cycle += 1) await this.#cycle();
    const server = await this.#start();
    try {
      for (const client of this.#clients) client.connect(server.port);
      const isQuiet = () => this.#clients.every((client) => client.isQuiet);
      await until(isQuiet, "all exchanges to end");
      await this.#settled(() => this.#readers.every((reader) => isComplete(reader, this.#writers)));
      const problems = judge(this.#readers, this.#writers, await this.#retained(server.port));
      return {
        published: this.#published,
        acknowledged: this.#writers.reduce((sum, writer) => sum + writer.acknowledged.length, 0),
        deliveries: this.#readers.reduce((sum, reader) => sum + reader.received.length, 0),
        problems,
      };
    } finally {
      await server.kill();
      for (const client of this.#clients) client.lost();
    }
  }

  /** A start of the server, some traffic, and kill -9. */
  async #cycle(): Promise<void> {
    const server = await this.#start();
    try {
      for (const client of this.#clients) client.connect(server.port);
      // Often everybody is there before the end, sometimes not.
      const areConnected = () => this.#clients.every((client) => client.isConnected);
      if (!this.#random.oneIn(5)) await until(areConnected, "connections");
      const endMs = Date.now() + 20 + this.#random.below(250);
      while (Date.now() < endMs) {
        for (const writer of this.#writers) this.#publishSome(writer);
        await sleep(1 + this.#random.below(8));
        if (this.#random.oneIn(33)) this.#random.pick(this.#clients).cut(server.port);
      }
    } finally {
      await server.kill();
      for (const client of this.#clients) client.lost();
    }
  }

  #publishSome(writer: CrashClient): void {
    while (writer.outstanding < WINDOW && !this.#random.oneIn(5)) {
      this.#published += 1;
      const qos = this.#random.oneIn(2) ? 1 : 2;
      const kind = this.#random.below(10);
      const payload = `${qos}:${writer.clientId}:${writer.nextNumber()}`;
      if (kind < 6) writer.publish(`t/${writer.clientId}`, payload, qos, false);
      else if (kind < 9) writer.publish("p/p2p/r2", payload, qos, false);
      else writer.publish(`ret/${writer.clientId}`, payload, 1, true);
    }
  }

  /** What is retained, by topic: what a new subscriber gets. */
  async #retained(port: number): Promise<Map<string, string>> {
    const watcher = new CrashClient("watcher", [["ret/#", 1]]);
    watcher.payloadBytes = this.#options.payloadBytes ?? 0;
    watcher.connect(port);
    await until(() => watcher.isQuiet, "the watcher to be subscribed");
    await this.#settled(() => {
      const topics = new Set(watcher.arrivals.map(({ topicName }) => topicName));
      return this.#writers.every(({ clientId, acknowledged }) => {
        const topicName = `ret/${clientId}`;
        return topics.has(topicName) || !acknowledged.some((one) => one.topicName === topicName);
      });
    });
    watcher.lost();
    return new Map(watcher.arrivals.map(({ topicName, payload }) => [topicName, payload]));
  }

  /**
   * What is missing has arrived, or is not on its way: a server that others keep from working is silent for
   * a while, too. Then nothing has arrived anywhere for a while, so that what comes twice is seen.
   */
  async #settled(isThere: () => boolean): Promise<void> {
    const endMs = Date.now() + PATIENCE_MS;
    while (!isThere() && Date.now() < endMs) await sleep(50);
    for (let before = -1, now = 0; before !== now; ) {
      before = now;
      await sleep(400);
      now = this.#clients.reduce((sum, client) => sum + client.received.length, 0);
    }
  }

  async #start(): Promise<Server> {
    const main = join(process.cwd(), "dist", "cli", "main.js");
    const { durability, transport = "auto", workPerTurn = 0 } = this.#options;
    const flags = ["--data-dir", this.#folder, "--durability", durability];
    flags.push("--transport", transport);
    if (workPerTurn > 0) flags.push("--work-per-turn-max", `${workPerTurn}`);
    const child = spawn(process.execPath, [main, "start", "--port", "0", "--no-admin", ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(child, "exit");
    const port = await new Promise<number>((resolve, reject) => {
      let text = "";
      const take = (bytes: Buffer): void => {
        text += bytes;
        const found = /listening on mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
        if (found !== undefined) resolve(Number(found));
      };
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      void ended.then(([code]) => reject(new Error(`the server ended with ${code}: ${text}`)));
    });
    const kill = async (): Promise<void> => {
      child.kill("SIGKILL");
      await ended;
    };
    return { port, kill };
  }
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await sleep(10);
  }
}
