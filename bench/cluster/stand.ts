import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, listening, type Placement, start, stop } from "../brokers/launch.js";
import { written } from "../brokers/servers.js";

/** Programs that are one broker together. */
export interface Stand {
  /** The process whose children they are. */
  readonly pid: number;
  /** The MQTT ports of its nodes. */
  readonly ports: readonly number[];
  readonly stop: () => Promise<void>;
}

const MAIN = join("dist", "cli", "main.js");
const HOST = fileURLToPath(new URL("./stand-host.js", import.meta.url));
const NATS_SERVERS = 3;
/** Servers of NATS choose a leader first. */
const START_SECONDS_MAX = 60;
const ANSWER_MS = 5_000;
/** CONNECT of the client `probe`, cleanSession 1. §3.1 */
const CONNECT = Buffer.from("\x10\x11\0\x04MQTT\x04\x02\0\x3c\0\x05probe", "latin1");

/** One Beeline server by itself. */
export function aloneStand(place: Placement): Promise<Stand> {
  return stand(place, 1, ([port = 0]) => [beeline(port)]);
}

/** Nodes of Beeline, and three NATS servers behind them. */
export function clusterStand(place: Placement, nodes: number): Promise<Stand> {
  return stand(place, nodes, async (ports, folder) => {
    const nats = await natsServers(folder, []);
    const urls = nats.ports.map((port) => `nats://127.0.0.1:${port}`);
    const nodeCommands = ports.map((port, at) => [
      ...beeline(port),
      ...["--cluster-node", `node-${at}`, "--cluster", ...urls],
    ]);
    return [...nats.commands, ...nodeCommands];
  });
}

/** Mosquitto knows no cluster: one server. */
export function mosquittoStand(place: Placement): Promise<Stand> {
  return stand(place, 1, ([port = 0], folder) => {
    const lines = [
      `listener ${port} 127.0.0.1`,
      ...["allow_anonymous true", "persistence false", "log_dest none", "set_tcp_nodelay true"],
      ...["max_inflight_messages 0", "max_queued_messages 0"],
    ];
    return [["mosquitto", "-c", written(folder, "mosquitto.conf", lines)]];
  });
}

/** Three NATS servers that speak MQTT themselves. They refuse clients until they have chosen a leader. */
export async function natsMqttStand(place: Placement): Promise<Stand> {
  const started = await stand(place, NATS_SERVERS, async (ports, folder) => {
    const { commands } = await natsServers(folder, ports);
    return commands;
  });
  try {
    for (const port of started.ports) await accepting(port);
  } catch (error) {
    await started.stop();
    throw error;
  }
  return started;
}

function beeline(port: number): string[] {
  const quiet = ["--no-admin", "--sys-interval-seconds", "0"];
  return [process.execPath, MAIN, "start", "--memory", "--port", String(port), ...quiet];
}

async function stand(
  place: Placement,
  nodes: number,
  commandsFor: (
    ports: readonly number[],
    folder: string,
  ) => readonly (readonly string[])[] | Promise<readonly (readonly string[])[]>,
): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), "bench-cluster-"));
  const ports = await freePorts(nodes);
  const commands = await commandsFor(ports, folder);
  const host = start([process.execPath, HOST, JSON.stringify(commands)], place);
  const down = async (): Promise<void> => {
    await stop(host);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    for (const port of ports) await listening(host, port, START_SECONDS_MAX);
  } catch (error) {
    await down();
    throw error;
  }
  return { pid: host.pid, ports, stop: down };
}

/** @param mqttPorts - Where each speaks MQTT; empty: nowhere. */
async function natsServers(
  folder: string,
  mqttPorts: readonly number[],
): Promise<{ readonly commands: string[][]; readonly ports: readonly number[] }> {
  const [ports, routes] = [await freePorts(NATS_SERVERS), await freePorts(NATS_SERVERS)];
  const others = routes.map((port) => `"nats://127.0.0.1:${port}"`).join(", ");
  const commands = ports.map((port, at) => {
    const mqtt = `mqtt { host: 127.0.0.1, port: ${mqttPorts[at]}, max_ack_pending: 65535 }`;
    const lines = [
      `server_name: nats-${at}`,
      `listen: "127.0.0.1:${port}"`,
      `jetstream { store_dir: "${join(folder, `nats-${at}`)}" }`,
      `cluster { name: bench, listen: "127.0.0.1:${routes[at]}", routes: [${others}] }`,
      ...(mqttPorts.length > 0 ? [mqtt] : []),
    ];
    return ["nats-server", "-c", written(folder, `nats-${at}.conf`, lines)];
  });
  return { commands, ports };
}

/** Resolves when a server lets a client in. */
async function accepting(port: number): Promise<void> {
  const endMs = performance.now() + START_SECONDS_MAX * 1_000;
  while (performance.now() < endMs) {
    if (await isAccepted(port)) return;
    await delay(250);
  }
  throw new Error(`no client is let in at port ${port} within ${START_SECONDS_MAX} s`);
}

function isAccepted(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(CONNECT));
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.on("data", (bytes) => end(bytes[0] === 0x20 && bytes[3] === 0)); // CONNACK, accepted
    socket.on("close", () => end(false));
    socket.on("error", () => end(false));
    socket.setTimeout(ANSWER_MS, () => end(false));
  });
}

/** One after the other: a port that is free stays so until somebody takes it. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
