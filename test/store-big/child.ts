import { readFileSync } from "node:fs";
import { boundHeapGrowth } from "../../src/cli/heap-growth.js";
import { BlockPool, Broker, encode, type Link, type Outbox, PacketType } from "../../src/engine.js";
import { createBroker } from "../../src/index.js";
import { openLmdbStore } from "../../src/store/index.js";
import { CrashClient } from "../crash/client.js";

/*
 * One half of `npm run store:big`, in a process of its own, so that its memory is what it needs:
 * `fill FOLDER SESSIONS MESSAGES` makes Sessions and queues messages for them, `restart FOLDER ID` is
 * a server that finds them. Each prints one line of JSON. Needs --expose-gc.
 */

/** In MiB: all, what is this process's own, and what is the store's file, mapped. */
export interface Memory {
  readonly resident: number;
  readonly own: number;
  readonly mapped: number;
}

/** What `fill` prints. */
export interface Filled {
  readonly sessions: number;
  readonly queued: number;
  readonly seconds: number;
  readonly empty: Memory;
  /** The most that was seen. */
  readonly peak: Memory;
  readonly heapBytesPerMessage: number;
}

/** What `restart` prints. */
export interface Restarted {
  /** From the start of the process until it listens. */
  readonly readyMs: number;
  readonly ready: Memory;
  readonly found: number;
  readonly received: number;
}

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

const [mode, path = "", ...rest] = process.argv.slice(2);

async function fill(sessionCount: number, messageCount: number): Promise<Filled> {
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
async function openSessions(broker: Broker, disk: Disk, from: number, to: number): Promise<void> {
  const connections: ReturnType<Broker["open"]>[] = [];
  for (let n = from; n < to; n += 1) {
    const connection = broker.open(new Sink(), now());
    connection.receive(connectPacket(`c${n}`, false), now());
    connections.push(connection);
  }
  await disk.done();
  connections.forEach((connection, index) => {
    const requests = [{ topicFilter: `t/c${from + index}`, requestedQos: 1 as const }];
    connection.receive(encode({ type: PacketType.SUBSCRIBE, packetId: 1, requests }), now());
  });
  await disk.done();
  for (const connection of connections) connection.closed(now());
  await disk.done();
}

/** In rounds over all Sessions, every other one point-to-point. @returns the most memory seen. */
async function queueAll(
  broker: Broker,
  disk: Disk,
  sessionCount: number,
  messageCount: number,
): Promise<Memory> {
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

async function restart(clientId: string): Promise<Restarted> {
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
  client.lost();
  await broker.close();
  return { readyMs, ready, found, received: client.received.length };
}

/** Tells the broker what is durable, and waits until everything is. */
class Disk {
  readonly #store: ReturnType<typeof openLmdbStore>;
  readonly #broker: Broker;

  constructor(store: ReturnType<typeof openLmdbStore>, broker: Broker) {
    this.#store = store;
    this.#broker = broker;
    store.onFailed = (error) => {
      throw error;
    };
  }

  async done(): Promise<void> {
    while (this.#store.committedTicket < this.#store.openTicket - 1) {
      await new Promise<void>((resolve) => {
        this.#store.onCommitted = resolve;
      });
    }
    this.#broker.committed(now());
    this.#broker.flush();
  }
}

/** A peer that takes everything. */
class Sink implements Link {
  readonly remoteAddress = "";
  readonly unsentBytes = 0;

  flush(outbox: Outbox): void {
    outbox.sent(true);
  }

  close(): void {}
  pause(): void {}
  resume(): void {}
}

function connectPacket(clientId: string, cleanSession: boolean): Uint8Array {
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

function publishPacket(topicName: string, packetId: number): Uint8Array {
  const type = PacketType.PUBLISH;
  return encode({ type, dup: false, qos: 1, retain: false, topicName, packetId, payload: PAYLOAD });
}

/**
 * What lives on the heap, once nothing more can be given back: idle blocks of a burst go tick by
 * tick, and an ArrayBuffer is freed some time after the collection that found it dead.
 */
async function heapBytes(broker: Broker): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("run this with --expose-gc");
  for (let least = Infinity; ; ) {
    for (let tick = 0; tick < SETTLE_TICKS; tick += 1) broker.tick(now());
    gc();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    if (heapUsed + arrayBuffers > least - SETTLED_BYTES) return least;
    least = heapUsed + arrayBuffers;
  }
}

function memory(): Memory {
  const status = readFileSync("/proc/self/status", "utf8");
  const mib = (field: string): number =>
    Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  return { resident: mib("VmRSS"), own: mib("RssAnon"), mapped: mib("RssFile") };
}

function most(one: Memory, other: Memory): Memory {
  return {
    resident: Math.max(one.resident, other.resident),
    own: Math.max(one.own, other.own),
    mapped: Math.max(one.mapped, other.mapped),
  };
}

function now(): number {
  return performance.now();
}

boundHeapGrowth(); // as `beeline start` does
const result =
  mode === "fill" ? await fill(Number(rest[0]), Number(rest[1])) : await restart(rest[0] ?? "");
console.log(JSON.stringify(result));
process.exit(0);
