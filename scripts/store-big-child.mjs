// One half of `npm run store:big`, in a process of its own, so that its memory is what it needs:
// `fill FOLDER SESSIONS MESSAGES` makes Sessions and queues messages for them, `restart FOLDER` is
// a server that finds them. Each prints one line of JSON. Needs --expose-gc.
import { readFileSync } from "node:fs";
import { boundHeapGrowth } from "../dist/cli/heap-growth.js";
import { encode, PacketType } from "../dist/codec/index.js";
import { BlockPool, Broker } from "../dist/engine.js";
import { createBroker } from "../dist/index.js";
import { openLmdbStore } from "../dist/store/index.js";
import { CrashClient } from "./crash-client.mjs";

const PAYLOAD = new Uint8Array(100).fill(0x78);
/** Messages a Session gets in a row. */
const RUN = 5;
/** Sessions, or messages, between two waits for the disk. */
const STEP = 2_000;
/** Nothing more has come for so long. */
const QUIET_MS = 500;
/** Ticks, and time, between two looks at the heap; it is settled when it shrank by less. */
const SETTLE_TICKS = 8;
const SETTLE_MS = 50;
const SETTLED_BYTES = 64 * 1024;
const LIMITS = { pointToPointTotalMax: 1_000_000_000 };

const [mode, path, ...rest] = process.argv.slice(2);

async function fill(sessionCount, messageCount) {
  const store = openLmdbStore({ path });
  const broker = new Broker({
    store,
    makeClientId: () => "nobody",
    limits: LIMITS,
    pool: new BlockPool(),
  });
  broker.restore(now());
  const disk = new Disk(store, broker);
  for (let n = 0; n < sessionCount; n += STEP) {
    await openSessions(broker, disk, n, Math.min(n + STEP, sessionCount));
  }
  const empty = memory();
  const heapBefore = await heapBytes(broker);
  const startedMs = performance.now();
  const peak = await queueAll(broker, disk, sessionCount, messageCount);
  const seconds = (performance.now() - startedMs) / 1000;
  const heapBytesPerMessage = ((await heapBytes(broker)) - heapBefore) / messageCount;
  const { stats, gauges } = broker;
  const dropped = Object.values(stats.drops).reduce((sum, count) => sum + count, 0);
  const found = { sessions: gauges.offlineSessions, queued: stats.messagesReceived - dropped };
  broker.close(now());
  await store.close();
  return { ...found, seconds, empty, peak, heapBytesPerMessage };
}

/** Clients that keep their Sessions, subscribe, and go. */
async function openSessions(broker, disk, from, to) {
  const connections = [];
  for (let n = from; n < to; n += 1) {
    const connection = broker.open(new Sink(), now());
    connection.receive(connectPacket(`c${n}`, false), now());
    connections.push(connection);
  }
  await disk.done();
  connections.forEach((connection, index) => {
    const requests = [{ topicFilter: `t/c${from + index}`, requestedQos: 1 }];
    connection.receive(encode({ type: PacketType.SUBSCRIBE, packetId: 1, requests }), now());
  });
  await disk.done();
  for (const connection of connections) connection.closed(now());
  await disk.done();
}

/** In rounds over all Sessions, every other one point-to-point. @returns the most memory seen. */
async function queueAll(broker, disk, sessionCount, messageCount) {
  const sender = broker.open(new Sink(), now());
  sender.receive(connectPacket("sender", true), now());
  let peak = memory();
  for (let sent = 0, n = 0; sent < messageCount; n = (n + 1) % sessionCount) {
    const topicName = n % 2 === 0 ? `t/p2p/c${n}` : `t/c${n}`;
    for (let run = 0; run < RUN && sent < messageCount; run += 1) {
      sent += 1;
      sender.receive(publishPacket(topicName, (sent % 65_535) + 1), now());
      if (sent % STEP !== 0) continue;
      await disk.done();
      if (sent % (50 * STEP) !== 0) continue;
      broker.tick(now());
      peak = most(peak, memory());
    }
  }
  await disk.done();
  return most(peak, memory());
}

async function restart(clientId) {
  const store = openLmdbStore({ path });
  const broker = createBroker({ store, limits: LIMITS });
  const { port } = await broker.listen({ port: 0 });
  const readyMs = performance.now(); // since this process began
  const ready = memory();
  const { sessions: found } = broker.stats();
  const client = new CrashClient(clientId, []);
  client.connect(port);
  for (let before = -1; before !== client.received.length; ) {
    before = client.received.length;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
  client.end();
  await broker.close();
  return { readyMs, ready, found, received: client.received.length };
}

/** Tells the broker what is durable, and waits until everything is. */
class Disk {
  #store;
  #broker;

  constructor(store, broker) {
    this.#store = store;
    this.#broker = broker;
    store.onFailed = (error) => {
      throw error;
    };
  }

  async done() {
    while (this.#store.committedTicket < this.#store.openTicket - 1) {
      await new Promise((resolve) => {
        this.#store.onCommitted = resolve;
      });
    }
    this.#broker.committed(now());
    this.#broker.flush();
  }
}

/** A peer that takes everything. */
class Sink {
  remoteAddress = "";
  unsentBytes = 0;

  flush(outbox) {
    outbox.sent(true);
  }

  close() {}
  pause() {}
  resume() {}
}

function connectPacket(clientId, cleanSession) {
  return encode({
    type: PacketType.CONNECT,
    protocolName: "MQTT",
    protocolLevel: 4,
    bridge: false,
    cleanSession,
    keepAliveSeconds: 0,
    clientId,
    will: undefined,
    username: undefined,
    password: undefined,
  });
}

function publishPacket(topicName, packetId) {
  const type = PacketType.PUBLISH;
  return encode({ type, dup: false, qos: 1, retain: false, topicName, packetId, payload: PAYLOAD });
}

/**
 * What lives on the heap, once nothing more can be given back: idle blocks of a burst go tick by
 * tick, and an ArrayBuffer is freed some time after the collection that found it dead.
 */
async function heapBytes(broker) {
  for (let least = Infinity; ; ) {
    for (let tick = 0; tick < SETTLE_TICKS; tick += 1) broker.tick(now());
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    globalThis.gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    if (heapUsed + arrayBuffers > least - SETTLED_BYTES) return least;
    least = heapUsed + arrayBuffers;
  }
}

/** In MiB: all, what is this process's own, and what is the store's file, mapped. */
function memory() {
  const status = readFileSync("/proc/self/status", "utf8");
  const mib = (field) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  return { resident: mib("VmRSS"), own: mib("RssAnon"), mapped: mib("RssFile") };
}

function most(one, other) {
  return Object.fromEntries(
    Object.keys(one).map((name) => [name, Math.max(one[name], other[name])]),
  );
}

function now() {
  return performance.now();
}

boundHeapGrowth(); // as `beeline start` does
const result =
  mode === "fill" ? await fill(Number(rest[0]), Number(rest[1])) : await restart(rest[0]);
console.log(JSON.stringify(result));
process.exit(0);
