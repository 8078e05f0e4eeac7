import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { journalNames } from "../../src/nats/names.js";
import { ClusterNodeProcess } from "../cluster-faults/cluster-node-process.js";
import { canRun } from "../e2e/stock-server.js";
import { freePorts } from "../support/free-ports.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";
import { patientClient, until } from "./adoption-scenario.js";

interface Told {
  readonly eventType: string;
  readonly clientId: string;
  readonly channelId: string;
  readonly reason: string | null;
  readonly username: string | null;
  readonly clientIp: string;
  readonly time: number;
  readonly node?: string;
}

/** Three processes of the built command over three NATS servers, which tell one program who comes and goes. */
describe.skipIf(!canRun(NATS_SERVER, "--version"))("presence of a cluster", () => {
  let servers: NatsServers;
  let nodes: readonly ClusterNodeProcess[];
  let receiver: Server;
  const told: Told[] = [];

  beforeAll(async () => {
    servers = await NatsServers.start(3);
    receiver = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      told.push(...(JSON.parse(body) as { events: Told[] }).events);
      response.end();
    }).listen(0, "127.0.0.1");
    await once(receiver, "listening");
    const { port } = receiver.address() as AddressInfo;
    const ports = await freePorts(3);
    const flags = ["--presence-webhook-url", `http://127.0.0.1:${port}/`, "--presence-topics"];
    nodes = ["x", "y", "z"].map((name, at) => {
      const extra = [...flags, "--presence-node", name];
      return new ClusterNodeProcess(
        name,
        ports[at] ?? 0,
        ClusterNodeProcess.main(),
        servers.urls,
        extra,
      );
    });
    for (const node of nodes) node.start();
  }, 60_000);

  afterAll(async () => {
    for (const node of nodes ?? []) await node.kill();
    receiver?.close();
    receiver?.closeAllConnections();
    await servers?.stop();
  });

  const of = (eventType: string, prefix: string): Told[] =>
    told.filter((one) => one.eventType === eventType && one.clientId.startsWith(prefix));
  const channels = (all: readonly Told[]): string[] => all.map(({ channelId }) => channelId).sort();

  async function clients(node: ClusterNodeProcess, prefix: string, count: number) {
    const names = Array.from({ length: count }, (_, nth) => `${prefix}${nth}`);
    const all = await Promise.all(
      names.map((name) => patientClient(node, name, true, { reconnectPeriod: 0 })),
    );
    await until(() => of("connect", prefix).length === count);
    return all;
  }

  /** How many records the journals have in NATS. */
  async function records(): Promise<number> {
    const direct = await connect({ servers: [...servers.urls] });
    const { streams } = await jetstreamManager(direct);
    const { state } = await streams.info(journalNames("beeline").stream);
    await direct.close();
    return state.messages;
  }

  it("tells tcpclean once of each client of a node that was killed, as of its connect", {
    timeout: 120_000,
  }, async () => {
    const [x, y, z] = nodes as [ClusterNodeProcess, ClusterNodeProcess, ClusterNodeProcess];
    const seen: string[] = [];
    const watcher = await patientClient(z, "watcher", true);
    watcher.on("message", (topic, payload) =>
      seen.push(`${topic} ${JSON.parse(String(payload)).reason}`),
    );
    await watcher.subscribeAsync("$SYS/brokers/x/clients/+/disconnected");
    const left = await clients(x, "left ", 5);
    for (const client of left) await client.endAsync();
    await until(() => of("tcpclean", "left ").length === 5);
    const killed = await clients(x, "killed ", 40);
    const stays = await clients(y, "stays ", 5);
    expect(await records()).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // that all is told is written, too: 0.1 s later
    const killedMs = Date.now();
    await x.kill();
    await until(() => of("tcpclean", "killed ").length >= 40);
    expect(channels(of("tcpclean", "killed "))).toEqual(channels(of("connect", "killed ")));
    for (const { reason, node, clientIp, time } of of("tcpclean", "killed ")) {
      expect({ reason, node, clientIp }).toEqual({
        reason: "node-lost",
        node: "x",
        clientIp: "127.0.0.1",
      });
      expect(time).toBeLessThan(killedMs + 2_000);
    }
    await until(() => seen.filter((one) => one.endsWith("node-lost")).length === 40);
    expect(seen).toContain("$SYS/brokers/x/clients/killed 7/disconnected node-lost");
    expect([of("tcpclean", "stays "), of("tcpclean", "left ").length]).toEqual([[], 5]);
    expect(of("disconnect", "left ")).toHaveLength(5);
    for (const client of [...killed, ...stays]) client.end(true);
    await until(() => of("tcpclean", "stays ").length === 5);
    await watcher.endAsync();
  });

  it("tells it of all when all nodes were killed and one is started again, and nothing is left at the end", {
    timeout: 120_000,
  }, async () => {
    const [x, y, z] = nodes as [ClusterNodeProcess, ClusterNodeProcess, ClusterNodeProcess];
    const all = [...(await clients(y, "at y ", 10)), ...(await clients(z, "at z ", 10))];
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await Promise.all(nodes.map((node) => node.kill()));
    for (const client of all) client.end(true);
    x.start();
    await until(() => of("tcpclean", "at ").length >= 20);
    expect(channels(of("tcpclean", "at "))).toEqual(channels(of("connect", "at ")));
    const [last] = await clients(x, "last ", 1);
    await x.kill("SIGTERM");
    await until(() => of("tcpclean", "last ").length === 1);
    last?.end(true);
    expect(await records()).toBe(0);
    const connects = channels(told.filter(({ eventType }) => eventType === "connect"));
    const ends = channels(told.filter(({ eventType }) => eventType === "tcpclean"));
    expect(ends).toEqual(connects); // over both cases: each once
  });
});
