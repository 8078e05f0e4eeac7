import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, listening, type Placement, type Started, start, stop } from "./launch.js";
import { knowingTls, mosquittoTlsLines, ourTlsFlags } from "./tls.js";
import type { Workload } from "./workloads.js";

/** A server that is up, and how to take it down again. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** @returns what it wrote to stdout. */
  readonly stop: () => Promise<string>;
}

/** One column of the comparison: a server and the way it is used. */
export interface Contestant {
  readonly name: string;
  readonly title: string;
  /** Its version, or undefined with `missing` saying why it cannot run here. */
  readonly version: string | undefined;
  readonly missing: string;
  /** The settings that differ from the defaults, for the report. */
  readonly settings: string;
  /** Why it sits a workload out; undefined: it takes part. */
  readonly sitsOut: (workload: Workload) => string | undefined;
  /** Flags of the generator beyond the workload's. */
  readonly flags: (workload: Workload) => readonly string[];
  /** @param tls - Whether it speaks TLS at its port, and nothing else. */
  readonly start: (place: Placement, tls?: boolean) => Promise<RunningServer>;
}

export const SERVER_NAMES = [
  "ours",
  "ours-net",
  "ours-subscribed",
  "ours-durable",
  "mosquitto",
  "nats",
  "aedes",
] as const;

/**
 * All contestants, installed or not.
 *
 * @param dist - The built package to measure as ours.
 */
export function contestants(dist: string): readonly Contestant[] {
  return [
    ...[ours(dist), oursNet(dist), oursSubscribed(dist), oursDurable(dist)],
    ...[mosquitto(), nats(), aedes()],
  ].map(knowingTls);
}

function ours(dist: string): Contestant {
  const main = join(dist, "cli", "main.js");
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  return {
    name: "ours",
    title: "Beeline",
    version: existsSync(main) ? `${version}, ${dist === "dist" ? commit() : dist}` : undefined,
    missing: `${main} is missing: npm run build`,
    settings: "--memory; receivers addressed directly where the workload allows it",
    sitsOut: () => undefined,
    flags: ({ addressable }) => (addressable ? ["--p2p"] : []),
    start: (place, tls) =>
      launch(place, (port, folder) => [
        ...(tls ? [...command(dist), ...ourTlsFlags(port, folder)] : started(dist, port)),
        "--memory",
      ]),
  };
}

function started(dist: string, port: number): readonly string[] {
  return [...command(dist), "--port", String(port)];
}

function command(dist: string): readonly string[] {
  return [process.execPath, join(dist, "cli", "main.js"), "start", "--no-admin"];
}

/** Where the transport that calls the kernel itself is not to be had, or not wanted. */
function oursNet(dist: string): Contestant {
  return {
    ...ours(dist),
    name: "ours-net",
    title: "Beeline, Node's sockets",
    settings: "the same server with --transport net",
    sitsOut: ({ tls, kind }) => {
      if (tls) return "TLS is always over Node's sockets";
      const same = kind === "matching" || kind === "slow-reader" || kind === "retained";
      return same ? "the transport makes no difference here" : undefined;
    },
    start: (place) =>
      launch(place, (port) => [...started(dist, port), "--memory", "--transport", "net"]),
  };
}

function oursSubscribed(dist: string): Contestant {
  return {
    ...ours(dist),
    name: "ours-subscribed",
    title: "Beeline, subscribed",
    settings: "the same server; receivers subscribe, as with the others",
    sitsOut: ({ alsoSubscribed }) =>
      alsoSubscribed ? undefined : "measured in the rows of 50 pairs only",
    flags: () => [],
  };
}

/** Acknowledges only what is on disk; receivers whose sessions end with them need no disk. */
function oursDurable(dist: string): Contestant {
  return {
    ...ours(dist),
    name: "ours-durable",
    title: "Beeline, durable",
    settings: "defaults (synchronous store in a fresh folder); receivers with Clean Session 0",
    sitsOut: ({ alsoDurable, qos }) => {
      if (alsoDurable) return undefined;
      return qos > 0 ? "measured in three other rows" : "nothing here is kept on disk";
    },
    flags: ({ addressable }) => (addressable ? ["--p2p", "--persistent"] : ["--persistent"]),
    start: (place) =>
      launch(place, (port, folder) => [...started(dist, port), "--data-dir", join(folder, "data")]),
  };
}

function mosquitto(): Contestant {
  return {
    name: "mosquitto",
    title: "Mosquitto",
    version: versionOf("mosquitto", ["-h"], /mosquitto version (\S+)/),
    missing: "mosquitto is not installed (Debian: apt install mosquitto)",
    settings: "no persistence, unlimited in-flight and queue, no log, TCP_NODELAY",
    sitsOut: () => undefined,
    flags: () => [],
    start: (place, tls) =>
      launch(place, (port, folder) => [
        "mosquitto",
        "-c",
        written(folder, "mosquitto.conf", [
          `listener ${port} 127.0.0.1`,
          "allow_anonymous true",
          "persistence false",
          "max_inflight_messages 0",
          "max_queued_messages 0",
          "set_tcp_nodelay true",
          "log_dest none",
          ...(tls ? mosquittoTlsLines(folder) : []),
        ]),
      ]),
  };
}

function nats(): Contestant {
  return {
    name: "nats",
    title: "nats-server",
    version: versionOf("nats-server", ["-v"], /v(\d\S+)/),
    missing: "nats-server is not installed (Debian: apt install nats-server)",
    settings: "MQTT listener with JetStream in a fresh folder, max_ack_pending 65535",
    sitsOut: ({ qos, kind, size }) => {
      if (qos === 2) return "nats-server 2.9 has no QoS 2";
      const tooMany = kind === "matching" && size === "1m";
      return tooMany ? "a million Subscriptions take it minutes" : undefined;
    },
    flags: () => [],
    start: async (place) => {
      const clients = await freePort();
      return launch(place, (port, folder) => [
        "nats-server",
        "-c",
        written(folder, "nats.conf", [
          "server_name: bench",
          `listen: "127.0.0.1:${clients}"`,
          `jetstream { store_dir: "${folder}" }`,
          `mqtt { host: 127.0.0.1, port: ${port}, max_ack_pending: 65535 }`,
        ]),
      ]);
    },
  };
}

function aedes(): Contestant {
  const runner = fileURLToPath(new URL("./aedes-server.js", import.meta.url));
  return {
    name: "aedes",
    title: "Aedes",
    version: aedesVersion(),
    missing: "the npm package aedes is not installed (npm ci)",
    settings: "net server, memory persistence, defaults (concurrency 100)",
    sitsOut: () => undefined,
    flags: () => [],
    start: (place) => launch(place, (port) => [process.execPath, runner, String(port)]),
  };
}

/** Starts a server at a free port, with a fresh folder that goes with it. */
export async function launch(
  place: Placement,
  command: (port: number, folder: string) => readonly string[],
  secondsMax?: number,
): Promise<RunningServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "bench-brokers-"));
  const server: Started = start(command(port, folder), place);
  let output = "";
  server.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-OUTPUT_MAX);
  });
  const down = async (): Promise<string> => {
    await stop(server);
    rmSync(folder, { recursive: true, force: true });
    return output;
  };
  try {
    await listening(server, port, secondsMax);
  } catch (error) {
    await down();
    throw error;
  }
  return { pid: server.pid, port, stop: down };
}

/** Writes a configuration file. @returns its path. */
export function written(folder: string, name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

/** What a program says its version is; undefined: it is not installed. */
export function versionOf(
  program: string,
  args: readonly string[],
  pattern: RegExp,
): string | undefined {
  const { stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  return error === undefined ? (pattern.exec(stdout + stderr)?.[1] ?? "?") : undefined;
}

function aedesVersion(): string | undefined {
  try {
    const path = fileURLToPath(new URL("./package.json", import.meta.resolve("aedes")));
    return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** The commit that was measured, and whether there were changes on top of it. */
export function commit(): string {
  const head = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" });
  if (head.status !== 0) return "no commit";
  const changes = spawnSync("git", ["status", "--porcelain", "src"], { encoding: "utf8" });
  return `commit ${head.stdout.trim()}${changes.stdout === "" ? "" : " with changes"}`;
}

/** Characters of a server's output that are kept, its last. */
const OUTPUT_MAX = 10_000;
