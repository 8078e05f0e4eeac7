/**
 * `npm run cluster:demo`: three NATS servers and three nodes on this machine, which are one broker. Ends
 * with Ctrl-C, or when one of the programs cannot start.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { prepare, root } from "./prepare.mjs";

const NATS_PORTS = [4222, 4223, 4224];
const MQTT_PORTS = [1883, 1884, 1885];
const ADMIN_PORTS = [18_083, 18_084, 18_085];
const WAIT_MS = 30_000;
const INVITATION_MS = 500;

const args = process.argv.slice(2);
if (args.length > 0) {
  const isAsked = args.every((arg) => arg === "--help" || arg === "-h");
  if (!isAsked) console.error(`the demo takes no flags: ${args.join(" ")}`);
  console[isAsked ? "log" : "error"](`usage: npm run cluster:demo

Three NATS servers and three nodes on this machine, which are one broker at ports 1883, 1884 and 1885.
It needs nats-server (Debian: apt install nats-server). Ctrl-C ends all of it.`);
  process.exit(isAsked ? 0 : 2);
}

prepare({ devDependencies: false });

/** Whoever has just tried `npm start` has a server there, and one line of many would say so. */
const ports = [...NATS_PORTS, ...MQTT_PORTS, ...ADMIN_PORTS];
const taken = (await Promise.all(ports.map(isTaken))).flatMap((is, at) => (is ? ports[at] : []));
if (taken.length > 0) {
  console.error(`in use already on 127.0.0.1: port ${taken.join(", ")}. Stop what listens there; the demo needs
${ports.join(", ")}`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "beeline-cluster-demo-"));
const token = join(folder, "token");
writeFileSync(token, `${crypto.randomUUID()}\n`, { mode: 0o600 });
const INVITATION = `
One broker at ports 1883, 1884 and 1885. Try, each in a terminal of its own:
  mosquitto_sub -p 1883 -i phone -t 'demo/p2p/phone' -v
  mosquitto_pub -p 1885 -t 'demo/p2p/phone' -m hello
  npm start -- cluster --token-file ${token} status
Ctrl-C ends all of it.`;
const programs = [];
let listening = 0;
let isEnding = false;

async function isTaken(port) {
  const server = createServer().listen(port, "127.0.0.1");
  const is = await Promise.race([
    once(server, "listening").then(() => false),
    once(server, "error").then(() => true),
  ]).catch(() => true);
  if (!is) server.close();
  return is;
}

/** Starts a program whose lines stand behind its name. */
function start(name, command, args) {
  const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  programs.push(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      if (text.includes("beeline listening on")) invite();
      if (!name.startsWith("nats")) console.log(text.trimEnd().replace(/^/gm, `${name}  `));
    });
  }
  child.on("error", ({ code, message }) => {
    const isMissing = code === "ENOENT";
    end(isMissing ? `${command} is not installed (Debian: apt install nats-server)` : message);
  });
  child.on("exit", () => end(`${name} has ended`));
}

/** What to do stands behind what the nodes say at their start, where it is seen. */
function invite() {
  listening += 1;
  if (listening < MQTT_PORTS.length) return;
  setTimeout(() => console.log(INVITATION), INVITATION_MS); // they say a line or two more
}

async function answers(port) {
  const endMs = performance.now() + WAIT_MS;
  while (performance.now() < endMs && !isEnding) {
    const socket = connect(port, "127.0.0.1");
    const is = await Promise.race([
      once(socket, "data").then(() => true),
      once(socket, "error").then(
        () => false,
        () => false,
      ),
      delay(1_000, false),
    ]).catch(() => false);
    socket.destroy();
    if (is) return;
    await delay(100);
  }
}

async function end(why) {
  if (isEnding) return;
  isEnding = true;
  if (why !== undefined) {
    console.error(`${why}: the demo ends`);
    process.exitCode = 1;
  }
  const gone = programs.map((child) =>
    child.pid === undefined || child.exitCode !== null || child.signalCode !== null
      ? undefined
      : once(child, "exit"),
  );
  for (const child of [...programs].reverse()) child.kill();
  await Promise.race([Promise.all(gone), delay(8_000)]);
  for (const child of programs) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}

process.on("SIGINT", () => end());
process.on("SIGTERM", () => end());

for (const at of [1, 2, 3]) {
  start(`nats-${at}`, "nats-server", ["-c", join(root, `packaging/cluster/nats-${at}.conf`)]);
}
await Promise.all(NATS_PORTS.map(answers));
for (const at of [1, 2, 3]) {
  start(`node-${at}`, process.execPath, [
    ...[join(root, "dist/cli/main.js"), "start", "--allow-anonymous", "--log-format", "text"],
    ...["--port", String(MQTT_PORTS[at - 1]), "--admin-port", String(ADMIN_PORTS[at - 1])],
    ...["--admin-token-file", token, "--cluster-node", `node-${at}`],
    ...["--cluster", ...NATS_PORTS.map((port) => `nats://127.0.0.1:${port}`)],
  ]);
}
