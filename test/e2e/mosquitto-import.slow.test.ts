import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, describe, expect, it } from "vitest";
import { readConfigFile } from "../../src/server/config/config-file.js";
import { importMosquitto } from "../../src/server/mosquitto/import-mosquitto.js";
import { nested } from "../../src/server/option-table.js";
import { serverConfigFrom } from "../../src/server/server-config.js";
import { startServer } from "../../src/server/start-server.js";
import { freePorts } from "../support/free-ports.js";
import { TestCa } from "../support/test-ca.js";
import { canRun } from "./stock-server.js";

const folder = mkdtempSync(join(tmpdir(), "beeline-import-e2e-"));
const isThere = canRun("mosquitto", "--help") && canRun("mosquitto_passwd", "--help");
const running = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of running) await stopped(child);
  rmSync(folder, { recursive: true, force: true });
});

/** Whether a client gets in, with what it shows. */
type Visitor = IClientOptions & { readonly what: string; readonly listener?: number };

/** One configuration, and what is done to both servers that have it. */
interface Case {
  readonly what: string;
  /** PORT1 to PORT3 and FOLDER stand for those of the test. */
  readonly conf: readonly string[];
  readonly visitors?: readonly Visitor[];
  readonly experiment?: (connect: Connect) => Promise<unknown>;
}

type Connect = (options?: IClientOptions & { listener?: number }) => Promise<MqttClient>;

const LOGINS: readonly Visitor[] = [
  { what: "nobody" },
  { what: "anna", username: "anna", password: "secret" },
  { what: "anna with a wrong password", username: "anna", password: "wrong" },
  { what: "anna without a password", username: "anna" },
  { what: "bob, of the other file", username: "bob", password: "secret" },
  { what: "somebody", username: "somebody", password: "x" },
];
const at = (listener: number): Visitor[] => LOGINS.map((login) => ({ ...login, listener }));
const LOCAL = "listener PORT1 127.0.0.1";
const OPEN = [LOCAL, "allow_anonymous true"];

function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once("close", () => resolve()));
}

/** Everybody subscribes to all, and publishes everywhere: who gets what. */
async function rules(connect: Connect, at = [1, 1, 1]): Promise<unknown> {
  const [first, second, third] = at.map((listener) => ({ listener }));
  const clients = await Promise.all([
    connect({ clientId: "none", ...first }),
    connect({ clientId: "c1", username: "anna", password: "secret", ...second }),
    connect({ clientId: "c2", username: "bob", password: "secret", ...third }),
  ]);
  const received = clients.map((client) => {
    const texts: string[] = [];
    client.on("message", (topic, payload) => texts.push(`${topic} ${payload}`));
    return texts;
  });
  const granted = await Promise.all(
    clients.map(async (client) =>
      (await client.subscribeAsync(["#", "a/+"], { qos: 1 })).map(({ qos }) => qos),
    ),
  );
  const topics = ["a", "a/b", "own/anna", "own/bob", "of/c1", "of/c2", "x/p2p/c1", "secret"];
  for (const [from, client] of clients.entries()) {
    for (const topic of topics) await client.publishAsync(topic, `of ${from}`, { qos: 1 });
  }
  for (const client of clients) await client.subscribeAsync("barrier", { qos: 1 });
  await Promise.all(clients.map((client) => client.endAsync()));
  return { granted, received: received.map((texts) => [...new Set(texts)].sort()) };
}

/** Which payloads come through; the client starts anew behind each that ends its connection. */
function sizes(...payloads: readonly number[]) {
  return async (connect: Connect): Promise<unknown> => {
    const found: unknown[] = [];
    const watcher = await connect({ clientId: "watcher" });
    let last = "";
    watcher.on("message", (_, payload) => {
      last = `${payload.length}`;
    });
    await watcher.subscribeAsync("t", { qos: 1 });
    for (const bytes of payloads) {
      const sender = await connect({ clientId: `sender-${bytes}` });
      const ended = closed(sender).then(() => "closed");
      const done = sender.publishAsync("t", Buffer.alloc(bytes), { qos: 1 }).then(() => "taken");
      done.catch(() => undefined);
      const how = await Promise.race([done, ended]);
      await watcher.subscribeAsync("barrier", { qos: 1 });
      found.push([bytes, how, last === `${bytes}` ? "came" : "did not come"]);
      sender.end(true);
    }
    watcher.end(true);
    return found;
  };
}

/** What waits for a client that was away, in the order in which it comes. */
async function queue(connect: Connect): Promise<unknown> {
  const kept = { clientId: "kept", clean: false };
  const before = await connect(kept);
  await before.subscribeAsync("q/#", { qos: 1 });
  await before.endAsync();
  const sender = await connect({ clientId: "sender" });
  for (let number = 0; number < 12; number += 1) {
    await sender.publishAsync("q/a", `${number} ${"x".repeat(50)}`, {
      qos: number % 4 === 3 ? 0 : 1,
    });
  }
  const came: string[] = [];
  const after = await connect({
    ...kept,
    onMessage: (payload: Buffer) => came.push(payload.toString().slice(0, 2).trim()),
  } as IClientOptions);
  await after.subscribeAsync("q/last", { qos: 1 });
  await sender.publishAsync("q/last", "end", { qos: 1 });
  while (came.at(-1) !== "en") await new Promise((resolve) => setTimeout(resolve, 5));
  after.end(true);
  await sender.endAsync();
  return came;
}

/** How many connections there may be: the last ones are told no, or closed. */
async function crowd(connect: Connect): Promise<unknown> {
  const all: MqttClient[] = [];
  const answers: boolean[] = [];
  for (let number = 0; number < 4; number += 1) {
    const one = await connect({ clientId: `c${number}` }).catch(() => undefined);
    answers.push(one !== undefined);
    if (one !== undefined) all.push(one);
  }
  for (const one of all) one.end(true);
  return answers;
}

/** Another user takes the identifier of one that is connected, with its subscriptions. */
async function takeOver(connect: Connect): Promise<unknown> {
  const own = { clientId: "shared", clean: false };
  const anna = await connect({ ...own, username: "anna", password: "secret" });
  await anna.subscribeAsync("t", { qos: 1 });
  const gone = closed(anna);
  const bob = await connect({ ...own, username: "bob", password: "secret" });
  await gone;
  const came = new Promise((resolve) => bob.once("message", resolve));
  await bob.publishAsync("t", "hello", { qos: 1 });
  const topic = await came;
  bob.end(true);
  return topic;
}

const ca = isThere ? new TestCa() : undefined;
const strangers = isThere ? new TestCa("strangers") : undefined;
afterAll(() => {
  ca?.remove();
  strangers?.remove();
});
const server = ca?.issue();
const device = ca?.issue({ commonName: "anna" });
const revoked = ca?.issue({ commonName: "bob" });
const stranger = strangers?.issue({ commonName: "anna" });
const list = revoked && ca?.revoke(revoked);

function certificate(pair: { cert: string; key: string } | undefined): IClientOptions {
  return pair === undefined ? {} : { cert: readFileSync(pair.cert), key: readFileSync(pair.key) };
}

const TLS = [`certfile ${server?.cert}`, `keyfile ${server?.key}`, `cafile ${ca?.cert}`];
const secure = (visitors: readonly Visitor[]): Visitor[] =>
  visitors.map((visitor) => ({ ...visitor, protocol: "mqtts", rejectUnauthorized: false }));
const HOLDERS: readonly Visitor[] = secure([
  { what: "no certificate" },
  { what: "a certificate", ...certificate(device) },
  { what: "a certificate and a name", username: "x", password: "y", ...certificate(device) },
  { what: "one of strangers", ...certificate(stranger) },
  { what: "one that was taken back", ...certificate(revoked) },
  { what: "plain TCP", protocol: "mqtt" },
]).map((visitor) => (visitor.what === "plain TCP" ? { ...visitor, protocol: "mqtt" } : visitor));

const CASES: readonly Case[] = [
  { what: "everybody", conf: OPEN, visitors: LOGINS },
  {
    what: "users only",
    conf: [LOCAL, "password_file FOLDER/anna"],
    visitors: LOGINS,
  },
  {
    what: "users and anonymous",
    conf: [...OPEN, "password_file FOLDER/anna"],
    visitors: LOGINS,
  },
  {
    what: "the old port and bind_address",
    conf: ["bind_address 127.0.0.1", "port PORT1", "password_file FOLDER/anna"],
    visitors: LOGINS,
  },
  {
    what: "listeners with files of their own",
    conf: [
      ...["per_listener_settings true", LOCAL, "allow_anonymous true"],
      ...["listener PORT2 127.0.0.1", "password_file FOLDER/anna"],
      ...["listener PORT3 127.0.0.1", "password_file FOLDER/bob", "allow_anonymous true"],
    ],
    visitors: [...at(1), ...at(2), ...at(3)],
  },
  {
    what: "own settings before the first listener",
    conf: ["per_listener_settings true", "bind_address 127.0.0.1", "port PORT1"],
    visitors: LOGINS,
  },
  {
    what: "rules of users, patterns and clients without a name",
    conf: [...OPEN, "password_file FOLDER/both", "acl_file FOLDER/acl"],
    experiment: rules,
  },
  {
    what: "other rules at each listener",
    conf: [
      ...["per_listener_settings true", LOCAL, "allow_anonymous true", "acl_file FOLDER/acl"],
      ...["listener PORT2 127.0.0.1", "password_file FOLDER/both"],
      ...["listener PORT3 127.0.0.1", "password_file FOLDER/both", "acl_file FOLDER/acl3"],
    ],
    experiment: (connect) => rules(connect, [1, 2, 3]),
  },
  { what: "no rules", conf: [...OPEN, "password_file FOLDER/both"], experiment: rules },
  {
    what: "rules for names that nobody checks",
    conf: [...OPEN, "acl_file FOLDER/acl"],
    experiment: rules,
  },
  { what: "TLS", conf: [...OPEN, ...TLS], visitors: HOLDERS },
  {
    what: "TLS with users",
    conf: [LOCAL, "password_file FOLDER/anna", ...TLS],
    visitors: secure(LOGINS),
  },
  {
    what: "TLS with certificates of clients",
    conf: [...OPEN, ...TLS, "require_certificate true", `crlfile ${list}`],
    visitors: HOLDERS,
  },
  {
    what: "certificates as user names, beside users of a file",
    conf: [
      ...["password_file FOLDER/both", LOCAL, "listener PORT2 127.0.0.1", ...TLS],
      ...["require_certificate true", "use_identity_as_username true"],
    ],
    visitors: [...at(1), ...HOLDERS.map((holder) => ({ ...holder, listener: 2 }))],
  },
  {
    what: "half of TLS",
    conf: [...OPEN, `certfile ${server?.cert}`],
    visitors: [{ what: "plain" }, ...secure([{ what: "secure" }])],
  },
  {
    what: "a socket file",
    conf: ["listener 0 FOLDER/mqtt.sock", "allow_anonymous true"],
    visitors: [{ what: "anybody", path: join(folder, "mqtt.sock") }],
  },
  { what: "connections", conf: [...OPEN, "max_connections 2"], experiment: crowd },
  {
    what: "packets",
    conf: [...OPEN, "max_packet_size 200"],
    // 5 bytes of topic and identifier, and one that is counted besides.
    experiment: sizes(100, 193, 194, 195, 196, 300),
  },
  {
    what: "payloads",
    conf: [...OPEN, "message_size_limit 10"],
    experiment: sizes(9, 10, 11),
  },
  { what: "queues as they are", conf: OPEN, experiment: queue },
  {
    what: "short queues",
    conf: [...OPEN, "max_queued_messages 5"],
    experiment: queue,
  },
  {
    what: "identifiers of others",
    conf: [LOCAL, "password_file FOLDER/both"],
    experiment: takeOver,
  },
  {
    what: "MQTT 3.1 with a long identifier",
    conf: OPEN,
    visitors: [
      { what: "long", protocolVersion: 3, protocolId: "MQIsdp", clientId: "x".repeat(40) },
      { what: "3.1.1", clientId: "x".repeat(40) },
    ],
  },
];

describe.skipIf(!isThere)("a mosquitto.conf that was imported", () => {
  it.each(CASES)("$what: behaves as it did", { timeout: 120_000 }, async (one) => {
    for (const [file, ...users] of [
      ["anna", "anna"],
      ["bob", "bob"],
      ["both", "anna", "bob"],
    ]) {
      writeFileSync(join(folder, file ?? ""), "", { mode: 0o600 });
      for (const user of users) {
        execFileSync("mosquitto_passwd", ["-b", join(folder, file ?? ""), user, "secret"]);
      }
    }
    writeFileSync(join(folder, "acl"), ACL);
    writeFileSync(join(folder, "acl3"), "user bob\ntopic read #\ntopic write of/c1\n");
    const ports = await freePorts(3);
    const text = one.conf
      .map((line) =>
        line
          .replace(/PORT(\d)/g, (_, number: string) => `${ports[Number(number) - 1]}`)
          .replaceAll("FOLDER", folder),
      )
      .join("\n");
    const file = join(folder, "mosquitto.conf");
    writeFileSync(file, `user ${userInfo().username}\n${text}\n`);
    const theirs = await withMosquitto(file, ports, () => outcomes(one, ports));
    const { yaml } = importMosquitto(file);
    const ours = await withOurs(yaml, () => outcomes(one, ports));
    expect(ours).toEqual(theirs);
    if (one.visitors !== undefined) expect(theirs.found.map((line) => line[2])).toContain(true);
  });
});

const ACL = `topic read a/#
user anna
topic readwrite a/b
topic write own/bob
topic deny secret
user bob
topic #
pattern readwrite own/%u
pattern readwrite of/%c
`;

interface Outcomes {
  /** Who came to which listener, and whether it got in. */
  readonly found: readonly (readonly [what: string, listener: number, isIn: boolean])[];
  readonly experiment: unknown;
}

async function outcomes(one: Case, ports: readonly number[]): Promise<Outcomes> {
  const found: [string, number, boolean][] = [];
  for (const visitor of one.visitors ?? []) {
    const client = await connectTo(ports, visitor).catch(() => undefined);
    found.push([visitor.what, visitor.listener ?? 1, client !== undefined]);
    client?.end(true);
  }
  const experiment = await one.experiment?.((options) => connectTo(ports, options ?? {}));
  return { found, experiment };
}

/** Resolves when it was accepted; rejects when it was refused or closed. */
function connectTo(
  ports: readonly number[],
  { listener = 1, ...options }: IClientOptions & { listener?: number },
): Promise<MqttClient> {
  return new Promise((resolve, reject) => {
    const socket = options.path;
    const address =
      socket === undefined
        ? { host: "127.0.0.1", port: ports[listener - 1] as number }
        : { path: socket };
    const settings = { protocolVersion: 4, reconnectPeriod: 0, keepalive: 0, ...options } as const;
    const { onMessage } = options as { onMessage?: (payload: Buffer) => void };
    const client =
      socket === undefined
        ? mqtt.connect({ ...address, ...settings })
        : new mqtt.MqttClient(() => createConnection({ path: socket }), settings);
    // At once: what waits comes right behind CONNACK.
    if (onMessage !== undefined) client.on("message", (_, payload) => onMessage(payload));
    client.once("connect", () => resolve(client));
    client.on("error", reject);
    client.once("close", () => reject(new Error("closed")));
  });
}

async function withMosquitto<T>(
  file: string,
  ports: readonly number[],
  run: () => Promise<T>,
): Promise<T> {
  const child = spawn("mosquitto", ["-v", "-c", file], { stdio: ["ignore", "ignore", "pipe"] });
  running.add(child);
  let log = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      if (/ running/.test(log)) resolve();
    });
    child.once("exit", () => reject(new Error(`mosquitto ended at ${ports}: ${log}`)));
  });
  try {
    return await run();
  } finally {
    await stopped(child);
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, "exit");
  child.kill("SIGTERM");
  await end;
}

async function withOurs<T>(yaml: string, run: () => Promise<T>): Promise<T> {
  const file = join(folder, "beeline.yaml");
  writeFileSync(file, yaml);
  const config = serverConfigFrom(nested(readConfigFile(file).values));
  const ours = await startServer({ ...config, admin: undefined }, {});
  try {
    return await run();
  } finally {
    await ours.close();
  }
}
