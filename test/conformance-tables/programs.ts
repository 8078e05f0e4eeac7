import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { type CaseResult, SECTIONS } from "beeline-conformance";
import { freePort, type Placement } from "../../bench/brokers/launch.js";
import { launch, type RunningServer, versionOf, written } from "../../bench/brokers/servers.js";
import { type Examined, KNOWLEDGE, runPlain, runTold, WIDE } from "./runs.js";

/** Anywhere, as eager as everybody. */
export const PLACE: Placement = { cpu: undefined, nice: 0 };

/** Debian's Mosquitto; `undefined` where there is none. */
export async function runMosquitto(): Promise<Examined | undefined> {
  const version = versionOf("mosquitto", ["-h"], /mosquitto version (\S+)/);
  if (version === undefined) return undefined;
  const plain = await mosquitto(() => ["allow_anonymous true"]);
  const results = await runPlain(plain.port);
  await plain.stop();
  const told = await mosquitto((folder) => [
    "allow_anonymous false",
    `password_file ${passwords(folder)}`,
    `acl_file ${rules(folder)}`,
    "max_inflight_messages 0",
    "max_queued_messages 0",
  ]);
  // Its ACL file restricts what is delivered, not what may be subscribed to.
  const { forbiddenFilter: _, ...knowledge } = KNOWLEDGE;
  const reader = { readerUsername: "reader", readerPassword: "right" };
  results.push(...(await runTold(told.port, { ...knowledge, ...reader, window: WIDE })));
  await told.stop();
  return {
    version: `Mosquitto ${version}`,
    how:
      "Debian's package, without persistence; the cases that need a user, a refusal or a window with " +
      "a password file, an ACL file, `max_inflight_messages 0` and `max_queued_messages 0`.",
    results,
  };
}

function mosquitto(more: (folder: string) => readonly string[]): Promise<RunningServer> {
  return launch(PLACE, (port, folder) => {
    chmodSync(folder, 0o755); // Mosquitto gives up its rights before it reads its files
    const config = ["persistence false", "log_type error", `listener ${port} 127.0.0.1`];
    return ["mosquitto", "-c", written(folder, "mosquitto.conf", [...config, ...more(folder)])];
  });
}

function passwords(folder: string): string {
  const path = written(folder, "passwords", ["user:right", "reader:right"]);
  spawnSync("mosquitto_passwd", ["-U", path]);
  chmodSync(path, 0o644);
  return path;
}

function rules(folder: string): string {
  return written(folder, "rules", [
    "user user",
    "topic readwrite #",
    `topic deny ${KNOWLEDGE.forbiddenTopic}`,
    "user reader",
    "topic readwrite #",
  ]);
}

/** Debian's nats-server, which speaks MQTT besides; `undefined` where there is none. */
export async function runNats(): Promise<Examined | undefined> {
  const version = versionOf("nats-server", ["-v"], /v(\d\S+)/);
  if (version === undefined) return undefined;
  const results: CaseResult[] = [];
  const { forbiddenTopic, forbiddenFilter } = KNOWLEDGE;
  const users = [
    "authorization { users: [ {",
    `  user: ${KNOWLEDGE.username}, password: ${KNOWLEDGE.password}, permissions: {`,
    `    publish: { deny: "${subject(forbiddenTopic)}" }`,
    `    subscribe: { deny: "${subject(forbiddenFilter)}" }`,
    "} } ] }",
  ];
  // A new one for each section: version 2.9.10 panics now and then, and costs the cases behind it.
  for (const section of SECTIONS) {
    const plain = await nats([]);
    results.push(...(await runPlain(plain.port, [section])));
    await plain.stop();
    if (section.cases.every(({ needs = [] }) => needs.length === 0)) continue;
    const told = await nats(users);
    results.push(...(await runTold(told.port, { ...KNOWLEDGE, window: WIDE }, [section])));
    await told.stop();
  }
  return {
    version: `nats-server ${version}`,
    how:
      "Debian's package with JetStream and `max_ack_pending: 65535`, a new one for each section since " +
      "it does not outlive some (`ECONNREFUSED`, `ECONNRESET` below: a panic); the cases that need a user, a " +
      "refusal or a window with `authorization`.",
    results,
  };
}

async function nats(more: readonly string[]): Promise<RunningServer> {
  const clients = await freePort();
  return launch(PLACE, (port, folder) => [
    "nats-server",
    "-c",
    written(folder, "nats.conf", [
      "server_name: conformance",
      `listen: "127.0.0.1:${clients}"`,
      `jetstream { store_dir: "${folder}" }`,
      `mqtt { host: 127.0.0.1, port: ${port}, max_ack_pending: ${WIDE} }`,
      ...more,
    ]),
  ]);
}

/** A Topic Filter as NATS writes it. */
function subject(topicFilter: string): string {
  return topicFilter.replaceAll("/", ".").replaceAll("+", "*").replaceAll("#", ">");
}
