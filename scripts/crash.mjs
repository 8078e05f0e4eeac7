// Kills the real server again and again while clients publish and receive, and checks that nothing
// acknowledged was lost: `npm run crash -- --cycles 50 --seed 1`. The server, its store and the
// network are real; the clients keep what the standard asks them to keep.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CrashClient } from "./crash-client.mjs";
import { judge } from "./crash-judge.mjs";

const { values } = parseArgs({
  options: {
    cycles: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    durability: { type: "string", default: "sync" },
  },
});
const cycles = wholeNumber("cycles", values.cycles);
const random = generator(wholeNumber("seed", values.seed));
const folder = mkdtempSync(join(tmpdir(), "beeline-crash-"));
const WRITERS = ["w0", "w1", "w2"];
const WINDOW = 20;
/** Longer than the server may take to start and to serve what waits. */
const PATIENCE_MS = 30_000;

const readers = [
  new CrashClient("r0", [["t/#", 2]]),
  new CrashClient("r1", [["t/#", 1]]),
  new CrashClient("r2", []),
];
const writers = WRITERS.map((id) => new CrashClient(id, []));
const clients = [...readers, ...writers];
let published = 0;
const startedMs = Date.now();

for (let cycle = 0; cycle < cycles; cycle += 1) {
  const server = await start();
  for (const client of clients) client.connect(server.port);
  // Often everybody is there before the end, sometimes not.
  if (random() < 0.8) await until(() => clients.every((one) => one.isConnected), "connections");
  const endMs = Date.now() + 20 + random() * 250;
  while (Date.now() < endMs) {
    for (const writer of writers) publishSome(writer);
    await sleep(1 + random() * 8);
    if (random() < 0.03) clients[Math.floor(random() * clients.length)].cut(server.port);
  }
  server.child.kill("SIGKILL");
  await server.ended;
  for (const client of clients) client.lost();
}
const server = await start();
for (const client of clients) client.connect(server.port);
await until(() => clients.every((client) => client.isQuiet), "all exchanges to end");
await settled();
const problems = judge(readers, writers, await retainedSeen(server.port));
server.child.kill("SIGKILL");
await server.ended;
for (const client of clients) client.end();
rmSync(folder, { recursive: true, force: true });
const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged.length, 0);
const received = readers.reduce((sum, reader) => sum + reader.received.length, 0);
console.log(
  `${cycles} cycles of kill -9 in ${Math.round((Date.now() - startedMs) / 1000)} s, seed ${values.seed}: ` +
    `${published} messages published, ${acknowledged} acknowledged, ${received} deliveries`,
);
for (const problem of problems.slice(0, 20)) console.log(problem);
console.log(`${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

function publishSome(writer) {
  while (writer.outstanding < WINDOW && random() < 0.8) {
    published += 1;
    const qos = random() < 0.5 ? 1 : 2;
    const kind = random();
    const n = writer.nextNumber();
    const payload = `${qos}:${writer.clientId}:${n}`;
    if (kind < 0.6) writer.publish(`t/${writer.clientId}`, payload, qos, false);
    else if (kind < 0.9) writer.publish("p/p2p/r2", payload, qos, false);
    else writer.publish(`ret/${writer.clientId}`, payload, 1, true);
  }
}

async function retainedSeen(port) {
  const watcher = new CrashClient("watcher", [["ret/#", 1]]);
  watcher.connect(port);
  await until(() => watcher.isQuiet && watcher.isConnected, "the watcher to be subscribed");
  await settled();
  watcher.end();
  return new Map(watcher.arrivals.map(({ topicName, payload }) => [topicName, payload]));
}

/** Nothing has arrived anywhere for a while. */
async function settled() {
  for (let before = -1, now = 0; before !== now; ) {
    before = now;
    await sleep(400);
    now = clients.reduce((sum, client) => sum + client.received.length, 0);
  }
}

function start() {
  const main = new URL("../dist/cli/main.js", import.meta.url).pathname;
  const flags = ["start", "--port", "0", "--data-dir", folder, "--durability", values.durability];
  const child = spawn(process.execPath, [main, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return new Promise((resolve, reject) => {
    let text = "";
    const take = (bytes) => {
      text += bytes;
      const port = /listening on mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve({ child, ended, port: Number(port) });
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    ended.then((code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
}

async function until(isTrue, what) {
  const endMs = Date.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (Date.now() > endMs) {
      console.log(`waited in vain for ${what}`);
      process.exit(1);
    }
    await sleep(10);
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function wholeNumber(name, text) {
  if (/^\d+$/.test(text)) return Number(text);
  console.error(`error: --${name} is '${text}'; allowed are whole numbers`);
  process.exit(2);
}

/** The same numbers from 0 to 1 for the same seed. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
