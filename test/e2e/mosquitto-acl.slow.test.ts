import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, describe, expect, it } from "vitest";
import { createBroker, type MqttBroker, Permissions } from "../../src/index.js";
import { mosquittoRules } from "../../src/permissions/mosquitto-acl.js";
import { freePort } from "../support/free-ports.js";
import { canRun } from "./stock-server.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-acl-"));
const aclFile = join(folder, "acl");
const ended: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of ended.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

/** Mosquitto with an acl_file, which it reads again on SIGHUP. */
class Mosquitto {
  readonly port: number;
  readonly #process: ChildProcess;
  #log = "";
  #onLog: () => void = () => undefined;
  #onEnd: (error: Error) => void = () => undefined;

  constructor(port: number) {
    this.port = port;
    const file = join(folder, "mosquitto.conf");
    const lines = [
      `listener ${port} 127.0.0.1`,
      "allow_anonymous true",
      `acl_file ${aclFile}`,
      `user ${userInfo().username}`,
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    this.#process = spawn("mosquitto", ["-v", "-c", file], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#log += text;
      this.#onLog();
    });
    const end = new Promise((resolve) => this.#process.once("exit", resolve));
    void end.then(() => this.#onEnd(new Error(`mosquitto ended: ${this.#log}`)));
    ended.push(() => {
      this.#process.kill("SIGTERM");
      return end;
    });
  }

  /** Resolves when a new line of its log matches. */
  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onEnd = reject;
      this.#onLog = () => {
        if (!pattern.test(this.#log)) return;
        this.#log = "";
        resolve();
      };
      this.#onLog();
    });
  }

  reload(): Promise<void> {
    this.#log = "";
    const done = this.until(/Reloading config/);
    this.#process.kill("SIGHUP");
    return done;
  }
}

/** Names that Mosquitto's patterns take, and some they do not. None holds a `/`: there we are stricter. */
const CLIENTS = [
  { clientId: "c1" },
  { clientId: "c2", username: "anna" },
  { clientId: "anna", username: "c1" },
  { clientId: "c+", username: "anna" },
  { clientId: "c4", username: "b#" },
  { clientId: "%u", username: "%c" },
];

const TOPICS = ["a", "a/b", "a/c1", "a/anna", "c1/anna", "x/a/b", "a/%c", "%u/%c"];

const level = fc.constantFrom("a", "b", "x", "c1", "anna", "%c", "%u", "+");
const topic = fc
  .tuple(
    fc.array(level, { maxLength: 2 }),
    fc.oneof({ weight: 4, arbitrary: level }, fc.constant("#")),
  )
  .map(([levels, last]) => [...levels, last].join("/"));
const access = fc.constantFrom("", "read ", "write ", "readwrite ", "deny ");
const line = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(access, topic).map(([may, name]) => `topic ${may}${name}`) },
  { weight: 3, arbitrary: fc.tuple(access, topic).map(([may, name]) => `pattern ${may}${name}`) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("user anna", "user c1", "user b#", "user %c", "# note", ""),
  },
);
const file = fc
  .array(line, { minLength: 1, maxLength: 10 })
  .map((lines) => `${lines.join("\n")}\n`);

/** Everybody subscribes, everybody publishes: who was granted and given what. */
async function experiment(port: number): Promise<unknown> {
  const clients = await Promise.all(
    CLIENTS.map((names) =>
      mqtt.connectAsync({
        port,
        host: "127.0.0.1",
        protocolVersion: 4,
        reconnectPeriod: 0,
        ...names,
      }),
    ),
  );
  const received = clients.map((client) => {
    const texts: string[] = [];
    client.on("message", (name, payload) => texts.push(`${name} ${payload}`));
    return texts;
  });
  const granted = await Promise.all(
    clients.map((client) => subscribed(client, ["#", "a/+", "x/a/b"])),
  );
  for (const [at, client] of clients.entries()) {
    await Promise.all(TOPICS.map((name) => client.publishAsync(name, `of ${at}`, { qos: 1 })));
  }
  // Behind its SUBACK nothing is left that was published before.
  await Promise.all(clients.map((client) => subscribed(client, ["barrier"])));
  await Promise.all(clients.map((client) => client.endAsync()));
  return { granted, received: received.map((texts) => [...new Set(texts)].sort()) };
}

function subscribed(client: MqttClient, filters: string[]): Promise<number[]> {
  return new Promise((resolve) => {
    client.subscribe(filters, { qos: 1 }, (error, grants, packet) => {
      const codes = (packet as { granted?: number[] } | undefined)?.granted;
      resolve(codes ?? (error === null ? (grants?.map(({ qos }) => qos) ?? []) : [128]));
    });
  });
}

describe.skipIf(!canRun("mosquitto", "--help"))("an acl_file", () => {
  it("[P18] [H07] means here what it means to Mosquitto itself", { timeout: 300_000 }, async () => {
    writeFileSync(aclFile, "topic #\n");
    const mosquitto = new Mosquitto(await freePort());
    await mosquitto.until(/mosquitto version .* running/);
    const permissions = new Permissions(mosquittoRules("", "acl"));
    const broker: MqttBroker = createBroker({ permissions });
    ended.push(() => broker.close());
    const { port } = await broker.listen({ port: 0 });
    await fc.assert(
      fc.asyncProperty(file, async (text) => {
        writeFileSync(aclFile, text);
        await mosquitto.reload();
        permissions.replace(mosquittoRules(text, "acl"));
        broker.recheck();
        expect(await experiment(port)).toEqual(await experiment(mosquitto.port));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });
});
