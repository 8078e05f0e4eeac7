import { connect, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ClusterNodeProcess } from "../cluster-faults/cluster-node-process.js";
import { canRun } from "../e2e/stock-server.js";
import { freePorts } from "../support/free-ports.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";

const NODES = ["a", "b", "c"];

/** Three processes of the built command over three NATS servers. */
describe.skipIf(!canRun(NATS_SERVER, "--version"))("retained messages of three nodes", () => {
  let servers: NatsServers;
  let nodes: ClusterNodeProcess[];
  beforeAll(async () => {
    servers = await NatsServers.start(3);
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

  /** Does something as a client of one node: again on another connection when one is lost, or answers nothing. */
  async function asClient<T>(at: number, work: (client: MqttClient) => Promise<T>): Promise<T> {
    const end = performance.now() + 90_000;
    for (;;) {
      const url = `mqtt://127.0.0.1:${nodes[at]?.port}`;
      const client = connect(url, { reconnectPeriod: 0, connectTimeout: 25_000 });
      const lost = new Promise<never>((_, reject) => {
        client.once("error", reject);
        client.once("close", () => reject(new Error("closed")));
      });
      const connected = new Promise<void>((resolve) => client.once("connect", () => resolve()));
      try {
        return await Promise.race([lost, connected.then(() => work(client))]);
      } catch (error) {
        if (performance.now() > end) throw new Error(`${error}\n${nodes[at]?.lines.join("\n")}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      } finally {
        client.end(true);
      }
    }
  }

  function publish(at: number, topicName: string, text: string, qos: 1 | 2 = 1) {
    return asClient(at, (sender) => sender.publishAsync(topicName, text, { qos, retain: true }));
  }

  /** What somebody gets who subscribes there now. */
  function retained(at: number, filter: string): Promise<string[]> {
    return asClient(at, async (receiver) => {
      const got: string[] = [];
      receiver.on("message", (topicName, payload, { retain }) => {
        got.push(`${topicName} ${payload}${retain ? "" : " (live)"}`);
      });
      await receiver.subscribeAsync([filter], { qos: 1 });
      await receiver.publishAsync(`end/${at}`, "", { qos: 1 }); // answered behind them
      return got.sort();
    });
  }

  async function expectEverywhere(lines: readonly string[]): Promise<void> {
    for (const at of nodes.keys()) expect(await retained(at, "t/#")).toEqual(lines);
  }

  async function killAll(): Promise<void> {
    for (const node of nodes) await node.kill();
  }

  function startAll(): void {
    for (const node of nodes) node.start();
  }

  it("are at every node behind PUBACK and PUBREC, outlive kill -9 of all, and go at all", {
    timeout: 240_000,
  }, async () => {
    await publish(0, "t/1", "one");
    await publish(1, "t/2", "two", 2);
    await publish(1, `t/${"x".repeat(1_000)}`, "long");
    await publish(2, "t/1", "one more");
    await publish(0, "t/3", "gone");
    await publish(2, "t/3", "");
    const all = ["t/1 one more", "t/2 two", `t/${"x".repeat(1_000)} long`].sort();
    await expectEverywhere(all);
    await killAll();
    startAll();
    await expectEverywhere(all);
    await publish(0, "t/2", "");
    await killAll();
    await servers.kill(0); // one of three NATS servers, too
    startAll();
    await expectEverywhere(all.filter((line) => line !== "t/2 two"));
    expect(nodes.map(({ unexpectedEnds }) => unexpectedEnds)).toEqual([0, 0, 0]);
  });
});
