import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/index.js";
import { freePorts } from "../support/free-ports.js";
import { snippetsOf } from "./page-run.js";

/** One version, so that the same is tried tomorrow. */
const NODE_RED = "node-red@3.1.15";
const START_MS = 300_000; // the first time on a machine it is fetched
const root = fileURLToPath(new URL("../../", import.meta.url));
const fetched = join(root, ".cache/node-red");
const program = join(fetched, "node_modules/node-red/red.js");

interface FlowNode {
  readonly id: string;
  readonly type: string;
  readonly [property: string]: unknown;
}

const folder = mkdtempSync(join(tmpdir(), "beeline-node-red-"));
let broker: MqttBroker;
let port = 0;
let nodeRed: ChildProcess | undefined;
let editor = "";
/** Why there is no Node-RED here; empty when there is one. */
let lack = "";

beforeAll(async () => {
  lack = lackOfNodeRed();
  if (lack !== "") return;
  broker = createBroker();
  ({ port } = await broker.listen({ port: 0 }));
  const settings = join(folder, "settings.js");
  const [uiPort] = await freePorts(1);
  writeFileSync(settings, `module.exports = { uiHost: "127.0.0.1", uiPort: ${uiPort} };`);
  editor = `http://127.0.0.1:${uiPort}`;
  nodeRed = spawn(process.execPath, [program, "--userDir", folder, "--settings", settings], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { stdout } = nodeRed;
  await new Promise<void>((resolve, reject) => {
    let said = "";
    stdout?.on("data", (text: Buffer) => {
      said += text;
      if (said.includes("Started flows")) resolve();
    });
    stdout?.on("end", () => reject(new Error(`Node-RED has ended: ${said}`)));
  });
}, START_MS);

afterAll(async () => {
  if (nodeRed !== undefined && nodeRed.exitCode === null) {
    nodeRed.kill("SIGKILL");
    await once(nodeRed, "close");
  }
  await broker?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("docs/recipes/node-red.md, in Node-RED itself", () => {
  it("[P1] the flow of the page sends to the client that its topic names", async ({ skip }) => {
    skip(lack !== "", lack);
    const lamp = await receiver("lamp-7");
    await imported(recipe());
    await pressedUntil(() => lamp.length > 0);
    expect(lamp[0]).toBe("home/p2p/lamp-7 on");
  });

  it("[P1] with an empty topic, msg.topic names the client", async ({ skip }) => {
    skip(lack !== "", lack);
    const lamp = await receiver("lamp-8");
    const nodes = recipe().map((node) => {
      if (node.type === "mqtt out") return { ...node, topic: "" };
      if (node.type !== "inject") return node;
      return {
        ...node,
        props: [{ p: "payload" }, { p: "topic", v: "home/p2p/lamp-8", vt: "str" }],
      };
    });
    await imported(nodes);
    await pressedUntil(() => lamp.length > 0);
    expect(lamp[0]).toBe("home/p2p/lamp-8 on");
  });

  it("[P4] a node that subscribes to its own inbox gets what is sent to it, once", async ({
    skip,
  }) => {
    skip(lack !== "", lack);
    const [settings, , out] = recipe() as [FlowNode, FlowNode, FlowNode]; // as the page has it
    const own = { id: "m1", type: "mqtt in", topic: "home/p2p/flow-1", qos: "1", datatype: "utf8" };
    const seen = await receiver("seen");
    await imported([
      { ...settings, clientid: "flow-1" },
      { ...own, broker: "b1", x: 120, y: 80, wires: [["o1"]] },
      { ...out, topic: "home/p2p/seen" },
    ]);
    await expect
      .poll(() => broker.client("flow-1")?.subscriptions.length, { timeout: 30_000 })
      .toBe(1);
    for (const payload of ["one", "two"]) {
      await broker.sendToClient("flow-1", { parent: "home", payload, qos: 1, confirm: true });
    }
    // Had the first one come twice, its second copy would stand before "two".
    const each = ["home/p2p/seen one", "home/p2p/seen two"];
    await expect.poll(() => seen.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
    expect(seen).toEqual(each);
  });
});

/** Fetches Node-RED where it is not there yet. @returns what is missing, in words. */
function lackOfNodeRed(): string {
  if (existsSync(program)) return "";
  mkdirSync(fetched, { recursive: true });
  writeFileSync(join(fetched, "package.json"), '{ "private": true }\n');
  const flags = ["install", "--no-audit", "--no-fund", "--ignore-scripts", NODE_RED];
  const { status, stderr } = spawnSync("npm", flags, { cwd: fetched, encoding: "utf8" });
  return status === 0 ? "" : `Node-RED cannot be fetched: ${stderr.trim()}`;
}

/** What the reader imports, with the port of this broker. */
function recipe(): readonly FlowNode[] {
  const page = readFileSync(join(root, "docs/recipes/node-red.md"), "utf8");
  const [flow] = snippetsOf(page).filter(({ language }) => language === "json");
  return JSON.parse((flow?.text ?? "").replace('"1883"', `"${port}"`)) as readonly FlowNode[];
}

let flowId = "";

/** Has this flow in the place of the one before, with the identifiers it has, as the editor imports it. */
async function imported(nodes: readonly FlowNode[]): Promise<void> {
  if (flowId !== "") await asked("DELETE", `/flow/${flowId}`);
  const isSetting = ({ type }: FlowNode): boolean => type === "mqtt-broker";
  const flow = {
    label: "from the page",
    nodes: nodes.filter((node) => !isSetting(node)),
    configs: nodes.filter(isSetting),
  };
  ({ id: flowId } = (await asked("POST", "/flow", flow)) as { id: string });
}

/** Presses the button of the inject node until it has done something: what Node-RED starts comes up later. */
async function pressedUntil(isDone: () => boolean): Promise<void> {
  const press = async (): Promise<boolean> => {
    await asked("POST", "/inject/i1").catch(() => undefined); // the node is not there yet
    return isDone();
  };
  await expect.poll(press, { timeout: 30_000, interval: 250 }).toBe(true);
}

async function asked(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(editor + path, {
    method,
    headers: { "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text.startsWith("{") ? JSON.parse(text) : text;
}

/** A client that subscribes to nothing. @returns what comes to it, from now on. */
async function receiver(clientId: string): Promise<readonly string[]> {
  const seen: string[] = [];
  await broker.connectInProcess({
    clientId,
    onMessage: ({ topicName, payload }) => {
      seen.push(`${topicName} ${Buffer.from(payload).toString()}`);
    },
  });
  return seen;
}
