import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import mqtt from "mqtt";
import { afterEach, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker } from "../../src/library/mqtt-broker.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

const guides = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md") && name !== "options.md") // that one is generated
  .map((name) => readFileSync(join(root, "docs", name), "utf8"));

/** The code blocks of a language, in order. */
function blocks(language: string): string[] {
  return blocksOf(readme, language);
}

/** A heading and what stands under it. */
function partOf(heading: string): string {
  const start = readme.indexOf(`\n${heading}\n`);
  return readme.slice(start, readme.indexOf("\n## ", start + 1));
}

/** What a stream says, up to what matches. */
function until(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<RegExpExecArray> {
  let said = "";
  return new Promise((resolve, reject) => {
    stream.on("end", () => reject(new Error(`it ended without ${pattern}: ${said}`)));
    stream.on("data", (chunk) => {
      said += chunk;
      const match = pattern.exec(said);
      if (match !== null) resolve(match);
    });
  });
}

function blocksOf(text: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
  return [...text.matchAll(fence)].map(([, code]) => code as string); // the group always matches
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

  it("[P20] receipts with Mosquitto's clients: what each command prints", async (context) => {
    if (spawnSync("mosquitto_pub", ["--help"]).error !== undefined) {
      context.skip("mosquitto_pub is not installed (Debian: mosquitto-clients)");
    }
    const section = partOf("## Receipts for any client");
    const folder = mkdtempSync(join(tmpdir(), "beeline-receipts-"));
    folders.push(folder);
    writeFileSync(join(folder, "receipts.yaml"), blocksOf(section, "yaml").join(""));
    const [start = "", tour = ""] = blocksOf(section, "bash");
    const args = start.trim().split(" ").slice(1);
    const server = spawn(
      process.execPath,
      [join(root, "dist/cli/main.js"), ...args, "--port", "0", "--no-admin"],
      { cwd: folder, stdio: ["ignore", "pipe", "ignore"] },
    );
    children.push(server);
    const ended = new Promise((resolve) => server.once("exit", resolve));
    const [, port] = await until(server.stdout, /listening on mqtt:\/\/[0-9.]+:(\d+)/);
    const printed: string[] = [];
    for (const line of tour.trim().split("\n")) {
      if (line.startsWith("# ")) {
        expect(printed.shift()).toBe(line.slice(2));
        continue;
      }
      const command = line.replace(/^mosquitto_\w+/, `exec $& -p ${port}`);
      const { stdout } = await promisify(execFile)("sh", ["-c", command], { timeout: 20_000 });
      printed.push(...stdout.split("\n").filter((text) => text !== ""));
    }
    expect(printed).toEqual([]);
    server.kill();
    await ended;
  });

  it("[S7] from a clone to TLS, two users, and one who may send to the other", async (context) => {
    for (const program of ["openssl", "bash"]) {
      if (spawnSync(program, ["--help"]).error !== undefined) context.skip(`no ${program}`);
    }
    const folder = mkdtempSync(join(tmpdir(), "beeline-readme-"));
    folders.push(folder);
    const section = blocksOf(partOf("## Exposing it"), "bash");
    const setup = section
      .filter((code) => !code.startsWith("npm ci") && !code.startsWith("mosquitto_"))
      .join("")
      // A terminal would ask; elsewhere it is standard input.
      .replace(/^beeline passwd users (.*)$/gm, "echo $1-secret | beeline passwd users $1")
      .replace("port: 8883", "port: 0")
      .replace("host: 0.0.0.0", "host: 127.0.0.1\nadmin: { enabled: false }")
      .replace("beeline start", 'exec node "$MAIN" start');
    const { PATH } = process.env;
    const server = spawn("bash", ["-ec", `beeline() { node "$MAIN" "$@"; }\n${setup}`], {
      cwd: folder,
      env: { PATH, MAIN: join(root, "dist/cli/main.js") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(server);
    const [, port] = await until(server.stdout, /listening on mqtts:\/\/[0-9.]+:(\d+)/);
    const ended = new Promise((resolve) => server.once("exit", resolve));
    const ca = readFileSync(join(folder, "server.pem"));
    const client = (user: string) =>
      mqtt.connectAsync(`mqtts://localhost:${port}`, {
        ...{ ca, clientId: user, username: user, password: `${user}-secret` },
        reconnectPeriod: 0,
      });
    const bob = await client("bob");
    const anna = await client("anna");
    expect(await bob.subscribeAsync("own/bob/#", { qos: 1 })).toMatchObject([{ qos: 1 }]);
    const received = new Promise<string>((resolve) =>
      bob.once("message", (topic, payload) => resolve(`${topic} ${payload}`)),
    );
    await anna.publishAsync("chat/p2p/bob", "hello bob", { qos: 1 });
    expect(readme).toContain(`Bob's terminal prints \`${await received}\``);

    const dropped = until(server.stderr, /topic \\"chat\/p2p\/anna\\"/);
    await bob.publishAsync("chat/p2p/anna", "hello anna", { qos: 1 });
    expect((await dropped)[0]).toContain("anna");
    await Promise.all([bob.endAsync(), anna.endAsync()]);
    server.kill();
    expect(await ended).toBe(0);
  });

  it("[M04] the listeners it shows are in order", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beeline-readme-"));
    folders.push(folder);
    const make = blocksOf(partOf("## Exposing it"), "bash").find((code) => /^openssl/.test(code));
    await promisify(execFile)("sh", ["-c", make as string], { cwd: folder });
    const file = join(folder, "beeline.yaml");
    writeFileSync(file, `${blockWith("yaml", "listeners:")}allowAnonymous: true\n`);
    const check = [join(root, "dist/cli/main.js"), "check", "-c", file];
    expect((await promisify(execFile)(process.execPath, check)).stderr).toBe("");
  });

  it("names only flags that exist", () => {
    const main = join(root, "dist/cli/main.js");
    const help = [["start"], ["ctl"], ["ctl", "send"]]
      .map((command) => spawnSync(process.execPath, [main, ...command, "--help"], ENCODED).stdout)
      .join("\n");
    const others = ["scripts/test.mjs", "bench/brokers/arguments.ts"].map((file) =>
      readFileSync(join(root, file), "utf8"),
    );
    const known = new Set([help, ...others, FOREIGN_FLAGS].join("\n").match(FLAG));
    const flags = new Set([readme, ...guides].flatMap((page) => page.match(FLAG) ?? []));
    expect(flags.size).toBeGreaterThan(5);
    expect([...flags].filter((flag) => !known.has(flag))).toEqual([]);
  });
});

/** Of mosquitto_pub and mosquitto_sub, curl and certbot. */
const FOREIGN_FLAGS = " --cafile --retained-only --silent --fail --deploy-hook";
const ENCODED = { encoding: "utf8" } as const;
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
