import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The code blocks of a language, in order. */
function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
  return [...readme.matchAll(fence)].map(([, code]) => code as string); // the group always matches
}

function blockWith(language: string, text: string): string {
  const found = blocks(language).filter((code) => code.includes(text));
  expect(found).toHaveLength(1);
  return found[0] as string; // one, as the line above says
}

/** Runs a snippet as a program in a clone: the package is found by its name. */
async function output(code: string): Promise<string> {
  const args = ["--input-type=module", "--eval", code];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(stderr).toBe("");
  return stdout;
}

const brokers: MqttBroker[] = [];
const folders: string[] = [];
const children: { kill(): unknown }[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill();
  for (const broker of brokers.splice(0)) await broker.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function brokerPort(): Promise<number> {
  const broker = createBroker();
  brokers.push(broker);
  return (await broker.listen({ port: 0 })).port;
}

describe("the README's programs", () => {
  it("[S5] [S7] the tour with MQTT.js", async () => {
    const port = await brokerPort();
    const code = blockWith("js", 'from "mqtt"').replaceAll("1883", String(port));
    expect(await output(code)).toBe("demo/p2p/GID_demo@@@A: hello A\n");
  });

  it("embedding", async () => {
    const code = blockWith("js", "connectInProcess");
    expect(await output(code)).toMatch(
      /^phone is here\ngot demo\/p2p\/phone on port \d+\ndelivered\n$/,
    );
    expect(code.split("\n").filter((line) => line !== "").length).toBeLessThanOrEqual(12);
  });

  it("a broker on a web server that is there already", async () => {
    const code = blockWith("js", "webSocket: {").replace("8080", "0");
    const rest = `
      await new Promise((resolve) => web.once("listening", resolve));
      const { port } = web.address();
      console.log(await (await fetch(\`http://127.0.0.1:\${port}/\`)).text());
      const { default: mqtt } = await import("mqtt");
      const client = await mqtt.connectAsync(\`ws://127.0.0.1:\${port}/mqtt\`);
      console.log(client.connected);
      await client.endAsync();
      await broker.close();
      console.log(web.listening);
      web.close();
      web.closeAllConnections();`;
    expect(await output(code + rest)).toBe("a web page\ntrue\ntrue\n");
  });

  it("a broker with its state on disk", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beeline-readme-"));
    folders.push(folder);
    const code = blockWith("js", "openLmdbStore").replace('"beeline-data"', JSON.stringify(folder));
    expect(await output(code)).toBe("");
  });

  it("the codec", async () => {
    expect(await output(blockWith("js", "beeline-mqtt/codec"))).toBe("true a/#\n");
  });
});

describe("the README's commands", () => {
  it("[S5] [S7] the tour with Mosquitto's clients", async (context) => {
    if (spawnSync("mosquitto_pub", ["--help"]).error !== undefined) {
      context.skip("mosquitto_pub is not installed (Debian: mosquitto-clients)");
    }
    const port = await brokerPort();
    const [subscribe, publish] = ["mosquitto_sub", "mosquitto_pub"].map((program) =>
      blockWith("sh", `${program} `).trim().replace(program, `exec ${program} -p ${port}`),
    ) as [string, string]; // two in, two out
    const receiver = spawn("sh", ["-c", subscribe], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(receiver);
    const received = new Promise<string>((resolve) =>
      receiver.stdout.once("data", (chunk) => resolve(String(chunk))),
    );
    const broker = brokers[0] as MqttBroker; // brokerPort made it
    await new Promise<void>((resolve) => broker.on("subscribe", () => resolve()));
    // Not `spawnSync`: the broker is in this process.
    expect((await promisify(execFile)("sh", ["-c", publish])).stderr).toBe("");
    const said = /prints `(demo[^`]+)`/.exec(readme)?.[1];
    expect(await received).toBe(`${said}\n`);
  });

  it("names only flags that exist", () => {
    const help = spawnSync(process.execPath, [join(root, "dist/cli/main.js"), "start", "--help"], {
      encoding: "utf8",
    }).stdout;
    const others = ["scripts/test.mjs", "bench/brokers/arguments.ts"].map((file) =>
      readFileSync(join(root, file), "utf8"),
    );
    const known = new Set([help, ...others].join("\n").match(FLAG));
    const flags = new Set(readme.match(FLAG));
    expect(flags.size).toBeGreaterThan(5);
    expect([...flags].filter((flag) => !known.has(flag))).toEqual([]);
  });
});

const FLAG = /(?<=[` ])--[a-z0-9-]+/g;

describe("the README's figures", async () => {
  const { cellsOf, chart, chartFile, ROWS } = await import(
    String(new URL("../../scripts/readme-chart.mjs", import.meta.url))
  );

  it("are those that were recorded", () => {
    const rows = ROWS.map((row: { workload: string }) => [row.workload, ...cellsOf(row)]);
    const shown = readme
      .split("\n")
      .map((line) => line.split("|").map((cell) => cell.trim().replaceAll(/[*`]/g, "")))
      .filter((cells) => rows.some(([workload]: string[]) => workload === cells.at(-2)))
      .map((cells) => [cells.at(-2), ...cells.slice(2, 6)]);
    expect(shown).toEqual(rows);
  });

  it("are drawn in its chart", () => {
    expect(readFileSync(chartFile, "utf8")).toBe(chart());
  });
});
