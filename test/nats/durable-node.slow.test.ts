import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ClusterNodeProcess } from "../cluster-faults/cluster-node-process.js";
import { canRun } from "../e2e/stock-server.js";
import { freePorts } from "../support/free-ports.js";
import { NATS_SERVER, NatsServers } from "../support/nats-servers.js";
import { type Adoption, AdoptionScenario } from "./adoption-scenario.js";

const CLIENT_ID = "sleeper";
const PATIENCE_MS = 60_000;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** 15 s of silence until others act, and some for two cores that do other things as well. */
const ADOPTED_MS = 40_000;

/** Processes of the built command over one NATS server, each with a data folder. */
describe.skipIf(!canRun(NATS_SERVER, "--version"))("[M34] [M35] a node with a data folder", () => {
  let servers: NatsServers;
  let root: string;
  let nodes: ClusterNodeProcess[];
  let sent = 0;
  let scenario: AdoptionScenario;
  /** It is mostly waiting: the other tests run meanwhile. */
  let adoption: Promise<Adoption | Error>;
  const acknowledged: string[] = [];
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "beeline-durable-"));
    servers = await NatsServers.start(1);
    const ports = await freePorts(5);
    scenario = new AdoptionScenario(servers.urls, root, ports.slice(2));
    adoption = scenario.run().catch((error: unknown) => error as Error);
    nodes = ["a", "b"].map((name, at) => nodeOf(name, ports[at] ?? 0, name));
    for (const node of nodes) node.start();
  }, 60_000);
  afterAll(async () => {
    for (const node of nodes ?? []) await node.kill();
    await scenario?.end();
    await servers?.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 10 });
  });

  function nodeOf(name: string, port: number, folder: string): ClusterNodeProcess {
    const extra = ["--data-dir", join(root, folder)];
    return new ClusterNodeProcess(name, port, ClusterNodeProcess.main(), servers.urls, extra);
  }

  /** A client of one node, as soon as that takes it. */
  async function client(at: number, clientId: string, clean: boolean): Promise<MqttClient> {
    const url = `mqtt://127.0.0.1:${nodes[at]?.port}`;
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await connectAsync(url, { clientId, clean, connectTimeout: 25_000 }, false);
      } catch (error) {
        if (performance.now() > end) throw new Error(`${error}\n${nodes[at]?.lines.join("\n")}`);
        await wait(200);
      }
    }
  }

  /** By address and by topic, at QoS 1 and 2; what is acknowledged is noted. */
  function send(sender: MqttClient, count: number): Promise<unknown> {
    return Promise.all(
      Array.from({ length: count }, async (_, nth) => {
        const text = `${sent++}`;
        const topicName = nth % 2 === 0 ? `d/p2p/${CLIENT_ID}` : "t/1";
        await sender.publishAsync(topicName, text, { qos: nth % 4 < 2 ? 1 : 2 });
        acknowledged.push(text);
      }),
    );
  }

  /** Fetches what waits, until everything that was acknowledged has come. */
  async function fetchFrom(at: number): Promise<{ isPresent: boolean; got: Set<string> }> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const got = new Set<string>();
      const url = `mqtt://127.0.0.1:${nodes[at]?.port}`;
      const fetching = connect(url, { clientId: CLIENT_ID, clean: false, reconnectPeriod: 0 });
      fetching.on("message", (_topicName, payload) => got.add(String(payload)));
      const isPresent = await new Promise<boolean | undefined>((resolve) => {
        fetching.once("connect", ({ sessionPresent }) => resolve(sessionPresent));
        fetching.once("close", () => resolve(undefined));
        fetching.once("error", () => undefined);
      });
      if (isPresent !== undefined) {
        while (acknowledged.some((text) => !got.has(text)) && performance.now() < end) {
          await wait(20);
        }
        await fetching.endAsync();
        return { isPresent, got };
      }
      fetching.end(true);
      if (performance.now() > end) throw new Error(nodes[at]?.lines.join("\n"));
      await wait(200);
    }
  }

  it("loses nothing that was acknowledged when it is killed, and its clients find their session", {
    timeout: 200_000,
  }, async () => {
    const first = await client(0, CLIENT_ID, false);
    await first.subscribeAsync("t/1", { qos: 2 });
    await first.endAsync();
    const sender = await client(1, "sender", true);
    for (const [round, from] of [0, 1].entries()) {
      await send(sender, 40);
      const underWay = send(sender, 40); // some of it is on its way when the node is gone
      await nodes[0]?.kill("SIGKILL");
      await wait(round * 1_000);
      nodes[0]?.start();
      await underWay;
      const { isPresent, got } = await fetchFrom(from);
      expect(isPresent).toBe(true);
      expect(acknowledged.filter((text) => !got.has(text))).toEqual([]);
      acknowledged.length = 0;
      await (await client(0, CLIENT_ID, false)).endAsync(); // back to the node that is killed next
    }
    await sender.endAsync();
    expect(nodes.map(({ unexpectedEnds }) => unexpectedEnds)).toEqual([0, 0]);
  });

  it.each([
    ["the folder of a node that runs", "c", "b", /another|already|in use|running/],
    ["the folder of another node", "c", "a", /Choose another --data-dir/],
  ])(
    "does not start with %s, and says why",
    { timeout: 60_000 },
    async (_what, name, folder, text) => {
      if (folder === "a") await nodes[0]?.kill("SIGKILL");
      const [port = 0] = await freePorts(1);
      const wrong = nodeOf(name, port, folder);
      wrong.start();
      const end = performance.now() + 30_000;
      while (wrong.unexpectedEnds === 0 && performance.now() < end) await wait(50);
      await wrong.kill();
      expect(wrong.lines.join("\n")).toMatch(text);
      expect(wrong.unexpectedEnds).toBeGreaterThan(0);
    },
  );

  it("that stays away is stood in for: sessions, what was acknowledged, and Wills are at the others, once", {
    timeout: 120_000,
  }, async () => {
    const came = await adoption;
    if (came instanceof Error) throw came;
    const { tookMs, backLines, otherLines, ...found } = came;
    console.log(`sessions of a killed node were at another one after ${Math.round(tookMs)} ms`);
    expect(found, otherLines).toEqual({
      ...{ present: [true, true, true], missing: [], doubled: [], wills: ["gone"] },
      unexpectedEnds: 0,
    });
    expect(tookMs).toBeLessThan(ADOPTED_MS);
    expect(backLines).toMatch(/node .{1,2}[yz].{1,2} has taken over what this one kept/);
    expect(otherLines).toContain("node x is gone: this node takes over what it has kept");
  });
});
