import { readFileSync } from "node:fs";
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { hashOf } from "../../src/auth/password-hash.js";
import { scratch } from "../auth/attempt.js";
import { connectPacket, publishPacket, RawClient } from "../net/raw-client.js";
import { Child } from "../server/child.js";
import { TestCa } from "../support/test-ca.js";
import { wire } from "../support/wire.js";

/** Signs what a webhook sends. */
const HOOK_KEY = Buffer.from("webhook-secret-7-of-24-b").toString("base64");
/** What peers bring, what is kept to check it, and what they send each other. */
const SECRETS = [
  ...["right-pass-7", "wrong-pass-7", "account-secret-7", "bearer-secret-7", "query-secret-7"],
  ...["payload-secret-7", "will-secret-7", "admin-token-secret-7", `whsec_${HOOK_KEY}`, HOOK_KEY],
  ...["jwt-secret-7-of-thirty-two-bytes-or-more"],
];
/** A fault of ours, in the middle of everything. */
const CRASH = 'process.on("SIGUSR2", () => { throw new Error("a fault of ours"); });';

const folder = scratch();
const children: Child[] = [];
const secrets = [...SECRETS];
let ca: TestCa;
let config: string;
beforeAll(async () => {
  ca = new TestCa();
  const { cert, key } = ca.issue();
  const hash = await hashOf(new TextEncoder().encode("right-pass-7"));
  secrets.push(hash, readFileSync(key, "utf8").split("\n")[1] ?? "no key");
  folder.file("users", `anna:${hash}\n`);
  folder.file("keys", "AK:account-secret-7\n");
  folder.file("jwt", "jwt-secret-7-of-thirty-two-bytes-or-more");
  folder.file("admin-token", "admin-token-secret-7");
  folder.file(
    "rules",
    'rules: [{ allow: any, do: [publish, subscribe, retain], topic: ["#", "$SYS/#"] }]\n',
  );
  const lines = [
    "port: 0",
    `tls: { port: 0, cert: ${cert}, key: ${key} }`,
    "sysIntervalSeconds: 1",
    `store: { dataDir: ${folder.path("data")} }`,
    `permissions: { rulesFile: ${folder.path("rules")} }`,
    `admin: { tokenFile: ${folder.path("admin-token")} }`,
    `presence: { webhookUrl: 'http://127.0.0.1:1/', webhookSecret: whsec_${HOOK_KEY} }`,
    "limits: { messageBytesMax: 200, queueMessagesMax: 1 }",
    "credentials:",
    `  - { kind: passwords, file: ${folder.path("users")} }`,
    `  - { kind: jwt, keyFile: ${folder.path("jwt")} }`,
    `  - { kind: token, keysFile: ${folder.path("keys")}, stateDir: ${folder.path("tokens")} }`,
    "  - { kind: http, url: 'http://127.0.0.1:1/?key=query-secret-7', secret: bearer-secret-7 }",
  ];
  config = folder.file("beeline.yaml", `${lines.join("\n")}\n`);
});
afterEach(() => {
  for (const child of children.splice(0)) child.signal("SIGKILL");
});
afterAll(() => ca.remove());

function start(...flags: string[]): Child {
  const env = {
    ...process.env,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(CRASH)}`,
  };
  const child = new Child({ env }, "start", "-c", config, ...flags, "--admin-port", "0");
  children.push(child);
  return child;
}

function expectNone(where: string, text: string): void {
  for (const secret of secrets) expect(text.includes(secret), `${secret} in ${where}`).toBe(false);
}

/** Everything that may go wrong with a secret in it. */
async function misbehave(port: number): Promise<void> {
  const secret = "payload-secret-7";
  const connect = (username: string, password: string, clientId = "c") =>
    connectPacket({
      ...{ clientId, username, password: Buffer.from(password) },
      will: { topicName: "$SYS/w", payload: Buffer.from("will-secret-7"), qos: 0, retain: false },
    });
  const tried = [
    [connect("anna", "wrong-pass-7")],
    [connect("nobody", "wrong-pass-7")],
    [connect("Token|AK|mqtt-x", "RW|wrong-pass-7")],
    [connect("anna", "right-pass-7"), publishPacket("$SYS/x", secret), wire`ff`],
    [connect("anna", "right-pass-7"), publishPacket("t/p2p/", secret), wire`31 00`],
    [connect("anna", "right-pass-7"), publishPacket("t", secret.repeat(20), 1), wire`c1 00`],
    [connect("anna", "right-pass-7"), connect("anna", "right-pass-7")],
    [Buffer.from(`GET /?token=${secret} HTTP/1.1\r\n\r\n`)],
  ];
  for (const packets of tried) {
    const client = await RawClient.open(port);
    client.send(...packets);
    await client.ended();
  }
}

/** What the console asks for, but for payloads, which are shown to whoever asks for one by its topic. */
const SHOWN = [
  ...["/server", "/stats", "/history", "/config", "/clients", "/subscriptions", "/retained"],
  ...["/clients/watcher", "/sessions/watcher", "/trace?client=c", "/trace?client=watcher"],
];
const ADMIN = { authorization: "Bearer admin-token-secret-7" };

/** The beginning of a stream without an end, until it has said something. */
async function followed(url: string, until: RegExp): Promise<string> {
  const { body } = await fetch(url, { headers: ADMIN });
  let text = "";
  for await (const part of body ?? []) {
    text += Buffer.from(part).toString();
    if (until.test(text)) return text;
  }
  throw new Error(`it ended without ${until}: ${text}`);
}

const USER = { username: "anna", password: "right-pass-7" };

/** A subscriber to all that there is, and what it is shown of the server itself. */
async function watcher(port: number): Promise<{ client: MqttClient; seen: string[] }> {
  const options = { ...USER, clientId: "watcher", clean: false, reconnectPeriod: 0 };
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, options);
  const seen: string[] = [];
  client.on("message", (topic, payload) => seen.push(`${topic} ${payload.toString()}`));
  await client.subscribeAsync("$SYS/#");
  return { client, seen };
}

describe("[M03] no password, key, token or payload is in", () => {
  it("the log, $SYS, the metrics, any answer of the admin listener, or what a crash prints", async () => {
    const child = start("-v");
    const port = await child.listening();
    const admin = await child.printed(/\/metrics on (http:\S+)/);
    const { client, seen } = await watcher(port);
    await client.publishAsync("kept", "payload-secret-7", { qos: 1, retain: true });
    await misbehave(port);
    await client.publishAsync("t", "payload-secret-7", { qos: 2 });
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(10);
    for (const path of ["/healthz", "/readyz", "/metrics", "/", "/api/v1/config", "/nothing"]) {
      const answer = await fetch(`${admin}${path}`, {
        headers: { authorization: "Bearer wrong-pass-7" },
      });
      expectNone(path, (await answer.text()) + JSON.stringify([...answer.headers]));
    }
    for (const path of SHOWN) {
      const answer = await fetch(`${admin}/api/v1${path}`, { headers: ADMIN });
      expect([path, answer.status]).toEqual([path, 200]); // so it has shown what it has
      expectNone(path, await answer.text());
    }
    const log = await followed(`${admin}/api/v1/log`, /the user name or the password is wrong/);
    expectNone("the log of the console", log);
    expectNone("$SYS", seen.join("\n"));
    child.signal("SIGUSR2");
    expect(await child.ended).not.toBe(0);
    expect(child.err).toContain("a fault of ours");
    expect(child.err).toMatch(/the user name or the password is wrong/);
    expectNone("the log or the crash", child.err);
    expectNone("standard output", child.out);
    expect(child.err).not.toContain("will-secret-7");
    client.end(true);
  });

  it("what the configuration is printed as, or what is said of a wrong one", async () => {
    const printing = start("--print-config");
    expect(await printing.ended).toBe(0);
    expect(printing.out).toContain("passwords");
    expectNone("--print-config", printing.out + printing.err);
    const users = readFileSync(folder.path("users"), "utf8");
    folder.file("users", "anna:right-pass-7\n");
    const failing = start();
    expect(await failing.ended).not.toBe(0);
    expect(failing.err).toContain("is in no known format");
    expectNone("the refusal", failing.out + failing.err);
    folder.file("users", users);
  });
});
