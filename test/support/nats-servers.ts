import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "./free-ports.js";

const { NATS_SERVER: chosen } = process.env;
/** The program: another version by its path in the variable `NATS_SERVER`. */
export const NATS_SERVER = chosen ?? "nats-server";

/** More lines for the file of each server. */
export interface NatsSetting {
  readonly lines?: readonly string[];
  /** Default true. */
  readonly jetStream?: boolean;
  /** Whether they tell clients nothing of each other. Default false. */
  readonly isHidden?: boolean;
}

interface Place {
  readonly port: number;
  readonly routePort: number;
  readonly file: string;
}

/** Real nats-servers on this machine, one or a cluster of three, in a folder of their own. */
export class NatsServers {
  readonly urls: readonly string[];
  readonly folder: string;
  readonly #places: readonly Place[];
  readonly #processes: (ChildProcess | undefined)[] = [];
  #output = "";

  private constructor(folder: string, places: readonly Place[]) {
    this.folder = folder;
    this.#places = places;
    this.urls = places.map(({ port }) => `nats://127.0.0.1:${port}`);
  }

  /** Starts so many, and resolves when all answer. */
  static async start(count: 1 | 3, setting: NatsSetting = {}): Promise<NatsServers> {
    const folder = mkdtempSync(join(tmpdir(), "beeline-nats-"));
    const ports = await freePorts(count * 2);
    const places = Array.from({ length: count }, (_, at) => ({
      port: ports[at] ?? 0,
      routePort: ports[count + at] ?? 0,
      file: join(folder, `${at}.conf`),
    }));
    for (const [at, place] of places.entries()) {
      writeFileSync(place.file, fileOf(at, place, places, folder, setting));
    }
    const servers = new NatsServers(folder, places);
    for (const at of places.keys()) servers.launch(at);
    await Promise.all(places.map((_, at) => servers.answers(at)));
    return servers;
  }

  /** Starts one that was killed. */
  launch(at: number): void {
    const child = spawn(NATS_SERVER, ["-c", this.#place(at).file], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (text: Buffer): void => {
      this.#output = (this.#output + String(text)).slice(-20_000);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    this.#processes[at] = child;
  }

  /** Resolves when it takes connections. */
  async answers(at: number): Promise<void> {
    const { port } = this.#place(at);
    for (let tries = 0; tries < 600; tries += 1) {
      if (await greets(port)) return;
      if (this.#processes[at]?.exitCode !== null) break;
      await delay(50);
    }
    throw new Error(`nats-server ${at} does not answer:\n${this.#output}`);
  }

  async kill(at: number, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#processes[at];
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }

  /** Stops it as it is: its connections stand, and nothing answers. */
  pause(at: number): void {
    this.#processes[at]?.kill("SIGSTOP");
  }

  resume(at: number): void {
    this.#processes[at]?.kill("SIGCONT");
  }

  async restart(at: number): Promise<void> {
    this.launch(at);
    await this.answers(at);
  }

  /** Which of them an address of `FabricState.server` is. */
  at(server: string): number {
    return this.#places.findIndex(({ port }) => server.endsWith(`:${port}`));
  }

  get count(): number {
    return this.#places.length;
  }

  /** What they wrote last. */
  get output(): string {
    return this.#output;
  }

  async stop(): Promise<void> {
    for (const at of this.#places.keys()) this.resume(at);
    await Promise.all(this.#places.map((_, at) => this.kill(at)));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #place(at: number): Place {
    const place = this.#places[at];
    if (place === undefined) throw new Error(`there is no nats-server ${at}`);
    return place;
  }
}

function fileOf(
  at: number,
  { port, routePort }: Place,
  all: readonly Place[],
  folder: string,
  { lines = [], jetStream = true, isHidden = false }: NatsSetting,
): string {
  const routes = all.map((other) => `nats://127.0.0.1:${other.routePort}`);
  const cluster = [
    "cluster {",
    `  no_advertise: ${isHidden}`,
    "  name: test",
    `  listen: "127.0.0.1:${routePort}"`,
    `  routes: [${routes.map((route) => JSON.stringify(route)).join(", ")}]`,
    "}",
  ];
  return [
    `server_name: nats-${at}`,
    `listen: "127.0.0.1:${port}"`,
    ...(jetStream ? [`jetstream { store_dir: "${join(folder, String(at))}" }`] : []),
    ...(all.length > 1 ? cluster : []),
    ...lines,
    "",
  ].join("\n");
}

/** Whether something at the port begins to speak NATS. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.on("error", () => end(false));
    socket.on("data", () => end(true));
    socket.setTimeout(1_000, () => end(false));
  });
}
