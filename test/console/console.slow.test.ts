import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axeCore from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ClusterAnswer } from "../../src/admin/answers.js";
import { type Packet, PacketType } from "../../src/codec/index.js";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { LogTail } from "../../src/log/log-tail.js";
import { shownConfig } from "../../src/server/config/shown-config.js";
import { type RunningServer, startServer } from "../../src/server/start-server.js";
import { publishPacket, RawClient } from "../net/raw-client.js";
import { MemoryLog } from "../support/memory-fabric.js";
import { CHROMIUM, launched } from "./chromium.js";

const START_MS = 120_000;
/** Where pictures go, if anybody wants them: `BEELINE_SCREENSHOTS=bench/results/console`. */
const { BEELINE_SCREENSHOTS: PICTURES } = process.env;
/** Where each page is, and a text by which it has shown what it is to show. */
const PAGES: Readonly<Record<string, readonly [place: string, text: string]>> = {
  overview: ["overview", "Event loop lag"],
  clients: ["clients", "kitchen"],
  client: ["clients/kitchen", "to a new session"],
  topics: ["topics/home%2Fkitchen%2Flight", '"level": 0.7'],
  playground: ["playground", "Connect this client to begin"],
  rocketmq: ["rocketmq", "From RocketMQ"],
  log: ["log", "Log"],
  configuration: ["configuration", "allowAnonymous"],
};
const SIZES = { wide: { width: 1_280, height: 900 }, phone: { width: 390, height: 844 } };
/** What is retained. */
const KEPT = {
  "home/kitchen/light": '{"on":true,"level":0.7}',
  "home/kitchen/temperature": "21.5",
  "home/hall/door": "closed",
};

const folder = mkdtempSync(join(tmpdir(), "console-"));
let server: RunningServer;
let browser: Browser;
/** What the browser's console says of errors, and pages that failed. */
const complaints: string[] = [];

beforeAll(async () => {
  if (CHROMIUM === undefined) return;
  const log = new LogTail(Date.now);
  server = await startServer(
    {
      listeners: [{ options: { type: "tcp", host: "127.0.0.1", port: 0 }, chosenBy: "--port" }],
      broker: {},
      store: { path: folder },
      rocketmq: { address: "127.0.0.1:1", topics: ["orders", "alarms"] }, // nobody is there
      admin: { host: "127.0.0.1", port: 0, loopLagMsMax: 60_000, mayBeAbsent: false },
    },
    log.behind({ info: () => undefined, warn: () => undefined }),
    {
      log,
      config: () => shownConfig({ values: new Map(), sources: new Map(), given: {} } as never),
      reload: async () => ({ changed: [], needRestart: [] }),
      stop: () => undefined,
    },
  );
  browser = await launched();
}, START_MS);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A test that says why it is skipped where there is no browser. */
function testInBrowser(name: string, run: () => Promise<void>): void {
  test(name, { timeout: START_MS }, async ({ skip }) => {
    skip(CHROMIUM === undefined, "there is no Chromium at /usr/bin/chromium");
    complaints.length = 0;
    await run();
    expect(complaints).toEqual([]);
  });
}

async function opened(context: BrowserContext, at = server): Promise<Page> {
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(at.adminUrl ?? "-")) complaints.push(request.url());
  });
  await page.goto(`${at.adminUrl}/`);
  return page;
}

async function signedIn(context: BrowserContext, at = server): Promise<Page> {
  const page = await opened(context, at);
  await page.getByLabel("Admin token").fill(readFileSync(join(folder, "admin-token"), "utf8"));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  return page;
}

/** What axe-core finds that keeps somebody out, in words. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axeCore.source);
  return page.evaluate(async () => {
    interface Axe {
      run(): Promise<{
        violations: readonly {
          id: string;
          impact: string;
          nodes: readonly { html: string }[];
        }[];
      }>;
    }
    const { axe } = globalThis as unknown as { axe: Axe };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}

async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

describe("the console in Chromium", () => {
  testInBrowser("lets in whoever has the token, without an error before", async () => {
    const context = await browser.newContext();
    const page = await opened(context);
    await page.getByLabel("Admin token").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await takePicture(page, "sign-in");
    await context.close();
  });

  testInBrowser(
    "sends to a client with its receipt, shows what happened, disconnects",
    async () => {
      const port = Number(new URL(server.urls[0] ?? "").port);
      const client = await RawClient.accepted(port, { clientId: "sensor-1" });
      const context = await browser.newContext();
      const page = await signedIn(context);
      await page.getByRole("link", { name: "Clients" }).click();
      await page.getByLabel("Search by identifier or user").fill("sensor");
      await page.getByRole("link", { name: "sensor-1" }).click();
      await page.getByRole("button", { name: "Send", exact: true }).click();
      await client.until(() => client.packets.length >= 2); // CONNACK, PUBLISH
      const receipt = page.getByText("The client has acknowledged it.");
      expect(await receipt.count()).toBe(0); // it has not
      client.send({ type: PacketType.PUBACK, packetId: packetIdOf(client.packets[1]) });
      await receipt.waitFor();
      await page.getByLabel("Wait for its acknowledgement").uncheck();
      await page.getByRole("button", { name: "Send", exact: true }).click();
      await page.getByText("It was handed to the client's connection").waitFor();
      await page.getByText("connected", { exact: true }).first().waitFor();
      await page.getByRole("button", { name: "Disconnect" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
      await page.getByText("The connection was closed").waitFor();
      await client.until(() => client.isEnded);
      await page.getByText("There is no such client now").waitFor();
      expect(await violationsOf(page)).toEqual([]);
      await context.close();
    },
  );

  testInBrowser("[C14] [P17] shows what identifiers hide, and who has no address", async () => {
    const port = Number(new URL(server.urls[0] ?? "").port);
    const ids = ["kitchen\u202e", "väg/1", "x".repeat(200)];
    const clients: RawClient[] = [];
    for (const clientId of ids) clients.push(await RawClient.accepted(port, { clientId }));
    const context = await browser.newContext({ viewport: SIZES.wide });
    const page = await signedIn(context);
    await page.getByRole("link", { name: "Clients" }).click();
    await page.getByRole("link", { name: "kitchen\\u{202e}", exact: true }).click();
    await page.getByRole("heading", { name: "kitchen\\u{202e}" }).waitFor();
    await page.getByText("console/p2p/kitchen\\u{202e}").waitFor();
    await page.getByRole("link", { name: "All clients" }).click();
    const since = page.getByRole("row", { name: /^x{200}/ }).getByText(/ago|just now/);
    expect((await since.boundingBox())?.height).toBeLessThan(30); // one line
    await page.getByRole("link", { name: "väg/1" }).click();
    await page.getByText("It has no address").waitFor();
    expect(await page.getByRole("button", { name: "Send", exact: true }).count()).toBe(0);
    await context.close();
    for (const client of clients) client.socket.destroy();
  });

  testInBrowser("plays with two clients that send to each other", async () => {
    const context = await browser.newContext({ viewport: SIZES.wide });
    const page = await signedIn(context);
    await page.getByRole("link", { name: "Playground" }).click();
    const panels = ["Client A", "Client B"].map((name) =>
      page.getByRole("region", { name, exact: true }),
    );
    const [a, b] = panels as [(typeof panels)[0], (typeof panels)[0]];
    for (const panel of panels) {
      await panel?.getByRole("button", { name: "Connect", exact: true }).click();
      await panel?.getByText("with a new session").waitFor();
    }
    await a?.getByRole("button", { name: /^Send/ }).click();
    await b?.getByText(/demo\/p2p\/console-b at QoS 1: hello/).waitFor();
    await a?.getByText(/acknowledged #1/).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await takePicture(page, "playground-used");
    await context.close();
  });

  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"] as const) {
      testInBrowser(`shows every page ${size} and ${colorScheme}, to everybody`, async () => {
        const clients = await someClients();
        const context = await browser.newContext({ viewport, colorScheme });
        const page = await signedIn(context);
        for (const [name, [place, text]] of Object.entries(PAGES)) {
          await page.goto(`${server.adminUrl}/#/${place}`);
          await page.getByText(text).first().waitFor();
          expect(await violationsOf(page), name).toEqual([]);
          expect(await scrollsSideways(page), name).toBe(false);
          await takePicture(page, `${name}-${size}-${colorScheme}`);
        }
        await context.close();
        for (const client of clients) client.socket.destroy();
      });
    }
  }
});

describe("the console of a node of a cluster in Chromium", () => {
  let node: RunningServer;
  let stops = 0;
  const others: MqttBroker[] = [];

  beforeAll(async () => {
    if (CHROMIUM === undefined) return;
    const log = new MemoryLog();
    const named = (nodeName: string) => ({ cluster: { nodeName, fabric: log.fabric() } });
    const tail = new LogTail(Date.now);
    node = await startServer(
      {
        listeners: [{ options: { type: "tcp", host: "127.0.0.1", port: 0 }, chosenBy: "--port" }],
        broker: named("node-1"),
        store: undefined,
        admin: {
          ...{ host: "127.0.0.1", port: 0, loopLagMsMax: 60_000, mayBeAbsent: false },
          tokenFile: join(folder, "admin-token"),
        },
      },
      tail.behind({ info: () => undefined, warn: () => undefined }),
      {
        log: tail,
        config: () => [],
        reload: async () => ({ changed: [], needRestart: [] }),
        stop: () => {
          stops += 1;
        },
      },
    );
    others.push(createBroker(named("node-2")), createBroker(named("node-3")));
    for (const [at, broker] of others.entries()) {
      await vi.waitFor(() => expect(broker.cluster?.status().nodes).toHaveLength(3), START_MS);
      for (let count = 0; count < 15; count += 1) {
        const clientId = `${at === 0 ? "sensor" : "pump"}-${count + 1}`;
        await broker.connectInProcess({ clientId, cleanSession: false, username: "plant" });
      }
    }
    await others[1]?.cluster?.drain(); // its sessions go to the two others
  }, START_MS);

  afterAll(async () => {
    await node?.close();
    for (const broker of others) await broker.close();
  });

  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"] as const) {
      testInBrowser(`shows its nodes ${size} and ${colorScheme}, to everybody`, async () => {
        const context = await browser.newContext({ viewport, colorScheme });
        const page = await signedIn(context, node);
        await page.getByRole("link", { name: "Cluster" }).click();
        const nodes = page.getByRole("region", { name: "Nodes", exact: true });
        await nodes.getByRole("row", { name: /node-3.*leaving/ }).waitFor();
        await nodes.getByRole("row", { name: /node-1 this one.*well/ }).waitFor();
        const where = page.getByRole("region", { name: "Who is where" });
        await where.getByText("pump-1", { exact: true }).waitFor();
        await takePicture(page, `cluster-${size}-${colorScheme}`);
        expect(await violationsOf(page)).toEqual([]);
        expect(await scrollsSideways(page)).toBe(false);
        await where.getByRole("button", { name: "Next" }).click();
        await where.getByText("sensor-9", { exact: true }).waitFor();
        await context.close();
      });
    }
  }

  for (const colorScheme of ["light", "dark"] as const) {
    testInBrowser(`[M35] says which node stands in for which, ${colorScheme}`, async () => {
      const context = await browser.newContext({ viewport: SIZES.wide, colorScheme });
      // As when one node has been gone for 16 s, and another one for some seconds more.
      await context.route("**/api/v1/cluster", async (route) => {
        const answer = await route.fetch();
        const state: ClusterAnswer = await answer.json();
        const nodes = state.nodes.filter(({ name }) => name !== "node-3");
        const like = { ...nodes[0], isThis: false, isLeaving: false, unsentBytes: 0, filters: 3 };
        const gone = [
          { ...like, name: "node-4", node: "4", standsIn: true, adopter: "node-2", clients: 412 },
          { ...like, name: "node-5", node: "5", silentMs: 16_200, adopter: "node-1", clients: 88 },
        ];
        const adoptions = { underWay: 1, done: 2, failed: 0, sessions: 1_290, lastMs: 1_840 };
        await route.fulfill({ json: { ...state, nodes: [...nodes, ...gone], adoptions } });
      });
      const page = await signedIn(context, node);
      await page.getByRole("link", { name: "Cluster" }).click();
      await page.getByText("serves as one of 2 nodes").waitFor();
      await page.getByText("node-4 is gone. node-2 stands in for it").waitFor();
      const nodes = page.getByRole("region", { name: "Nodes", exact: true });
      await nodes.getByRole("row", { name: /node-4.*stand-in, at node-2/ }).waitFor();
      await nodes
        .getByRole("row", { name: /node-5.*silent for 16 s: node-1 takes over/ })
        .waitFor();
      const counts = page.getByRole("region", { name: "Nodes that were gone" });
      await counts.getByText("2 (the last one: 1.84 s)").waitFor();
      await takePicture(page, `cluster-gone-${colorScheme}`);
      expect(await violationsOf(page)).toEqual([]);
      expect(await scrollsSideways(page)).toBe(false);
      await context.close();
    });
  }

  testInBrowser("drains it when somebody has said yes, and shows how far that is", async () => {
    const context = await browser.newContext({ viewport: SIZES.wide });
    const page = await signedIn(context, node);
    await page.getByRole("link", { name: "Cluster" }).click();
    await page.getByRole("button", { name: /^Drain this node/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: /^Drain this node/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Drain and stop" }).click();
    await page.getByText(/This node is empty and stops: \d+ handed over, 0 left/).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await takePicture(page, "cluster-drained");
    await vi.waitFor(() => expect(stops).toBe(1), 10_000);
    await context.close();
  });
});

/** Of a PUBLISH that asks for an acknowledgement. */
function packetIdOf(packet: Packet | undefined): number {
  if (packet?.type === PacketType.PUBLISH && packet.qos > 0) return packet.packetId;
  throw new Error(`no PUBLISH at QoS 1 or 2: ${JSON.stringify(packet)}`);
}

/** Some who are connected, and what they have retained. */
async function someClients(): Promise<readonly RawClient[]> {
  const port = Number(new URL(server.urls[0] ?? "").port);
  const ids = ["GID_demo@@@A", "kitchen", "thermostat-17"];
  const clients = await Promise.all(ids.map((clientId) => RawClient.accepted(port, { clientId })));
  for (const [topicName, payload] of Object.entries(KEPT)) {
    const packet = { ...publishPacket(topicName, payload), retain: true };
    clients[0]?.send(packet as Packet); // a PUBLISH still
  }
  return clients;
}

function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    interface Root {
      document: { documentElement: { scrollWidth: number; clientWidth: number } };
    }
    const { documentElement: root } = (globalThis as unknown as Root).document;
    return root.scrollWidth > root.clientWidth;
  });
}
