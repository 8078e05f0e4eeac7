import { connect, connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ClusterNodeProcess } from "../cluster-faults/cluster-node-process.js";
import { canRun } from "../e2e/stock-server.js";
import { freePorts } from "../support/free-ports.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";

const NODES = ["a", "b", "c"];
const CLIENT_ID = "mover";
/** A stop hands over for up to 10 s, and a start needs the log. */
const PATIENCE_MS = 40_000;

/** Three processes of the built command over one NATS server. */
describe.skipIf(!canRun(NATS_SERVER, "--version"))("[M33] a kept session of three nodes", () => {
  let servers: NatsServers;
  let nodes: ClusterNodeProcess[];
  let sent = 0;
  beforeAll(async () => {
    servers = await NatsServers.start(1);
    const ports = await freePorts(NODES.length);
    nodes = NODES.map(
      (name, at) =>
        new ClusterNodeProcess(name, ports[at] ?? 0, ClusterNodeProcess.main(), servers.urls),
    );
    for (const node of nodes) node.start();
  }, 60_000);
  afterAll(async () => {
    for (const node of nodes ?? []) await node.kill();
    await servers?.stop();
  });

  /** A client of one node, as soon as that takes it. */
  async function join(at: number, clientId: string, clean: boolean): Promise<MqttClient> {
    const url = `mqtt://127.0.0.1:${nodes[at]?.port}`;
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await connectAsync(url, { clientId, clean, connectTimeout: 25_000 }, false);
      } catch (error) {
        if (performance.now() > end) throw new Error(`${error}\n${nodes[at]?.lines.join("\n")}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  /** Ten messages to it by address and ten by topic, at QoS 1 and 2, from one node. */
  async function sendSome(at: number): Promise<string[]> {
    const sender = await join(at, `sender-${at}`, true);
    const texts = Array.from({ length: 20 }, () => `${sent++}`);
    for (const [nth, text] of texts.entries()) {
      const topicName = nth % 2 === 0 ? `d/p2p/${CLIENT_ID}` : "t/1";
      await sender.publishAsync(topicName, text, { qos: nth % 4 < 2 ? 1 : 2 });
    }
    await sender.endAsync();
    return texts;
  }

  /** Fetches what waits: over which connection, and whether there was a Session. */
  async function fetchFrom(
    at: number,
    count: number,
  ): Promise<{ isPresent: boolean; got: string[] }> {
    const url = `mqtt://127.0.0.1:${nodes[at]?.port}`;
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const got: string[] = [];
      const client = connect(url, { clientId: CLIENT_ID, clean: false, reconnectPeriod: 0 });
      client.on("message", (_topicName, payload) => got.push(String(payload)));
      const isPresent = await new Promise<boolean | undefined>((resolve) => {
        client.once("connect", ({ sessionPresent }) => resolve(sessionPresent));
        client.once("close", () => resolve(undefined));
        client.once("error", () => undefined);
      });
      if (isPresent !== undefined) {
        while (got.length < count && performance.now() < end) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        await new Promise((resolve) => setTimeout(resolve, 300)); // more than there are would come
        await client.endAsync();
        return { isPresent, got: got.sort((a, b) => Number(a) - Number(b)) };
      }
      client.end(true);
      if (performance.now() > end) throw new Error(nodes[at]?.lines.join("\n"));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async function restart(at: number): Promise<void> {
    await nodes[at]?.kill("SIGTERM");
    nodes[at]?.start();
    await (await join(at, `probe-${at}`, true)).endAsync();
  }

  it("goes with its client from node to node, with all that waits for it", {
    timeout: 120_000,
  }, async () => {
    const first = await join(0, CLIENT_ID, false);
    await first.subscribeAsync("t/1", { qos: 2 });
    await first.endAsync();
    for (const at of [1, 2, 0]) {
      const texts = await sendSome((at + 1) % NODES.length);
      expect(await fetchFrom(at, texts.length)).toEqual({ isPresent: true, got: texts });
    }
  });

  it("outlives a restart of all nodes, one after the other", { timeout: 200_000 }, async () => {
    const texts = await sendSome(0);
    for (const at of nodes.keys()) {
      await restart(at);
      texts.push(...(await sendSome((at + 1) % NODES.length)));
    }
    expect(await fetchFrom(1, texts.length)).toEqual({ isPresent: true, got: texts });
    expect(nodes.map(({ unexpectedEnds }) => unexpectedEnds)).toEqual([0, 0, 0]);
  });
});
