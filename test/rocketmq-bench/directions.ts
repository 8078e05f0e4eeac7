import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CrashClient } from "../crash/client.js";
import type { RealRocketMq } from "../rocketmq/real-rocketmq.js";
import { type BeelineProcess, beelineProcess } from "../rocketmq-faults/beeline-process.js";
import { processSeconds } from "./process-time.js";

export type Protocol = "grpc" | "remoting";

/** One measurement. */
export interface Figures {
  readonly perSecond: number;
  /** CPU of the server for each message, in us. */
  readonly cpuUs: number;
  /** The same of RocketMQ: name server, broker and proxy. */
  readonly rocketMqUs: number;
}

const WRITERS = 4;
/** Unacknowledged messages of one writer: what the bridge has under way at most is 128. */
const WINDOW = 32;
const PAYLOAD_BYTES = 64;
/** Before the clock runs: compilers, connections, routes. */
const WARM = 500;
const PATIENCE_MS = 180_000;

/** Clients publish to a server, which sends to RocketMQ: from the first message to the last PUBACK. */
export async function outward(
  protocol: Protocol,
  rocketMq: RealRocketMq,
  topic: string,
  messages: number,
): Promise<Figures> {
  const flags = [...placeOf(protocol, rocketMq), "--rocketmq-out", topic];
  return withServer(flags, folderOf(), async (server) => {
    const writers = Array.from({ length: WRITERS }, (_, at) => new CrashClient(`w${at}`, []));
    for (const writer of writers) {
      writer.payloadBytes = PAYLOAD_BYTES;
      writer.connect(server.port);
    }
    await until(() => writers.every(({ isQuiet }) => isQuiet));
    await publish(writers, `${topic}/a`, WARM);
    const figures = await timed(server, rocketMq, messages, () =>
      publish(writers, `${topic}/a`, messages),
    );
    for (const writer of writers) writer.lost();
    return figures;
  });
}

/** RocketMQ has the messages already; a server takes them to a subscriber: up to the last one's arrival. */
export async function inward(
  protocol: Protocol,
  rocketMq: RealRocketMq,
  topic: string,
  messages: number,
  group: string,
): Promise<Figures> {
  // What comes faster than the subscriber takes it waits: none is dropped.
  const flags = ["--rocketmq-in", topic, "--rocketmq-group", group];
  flags.push("--queue-messages-max", "1000000");
  const folder = folderOf();
  const reader = new CrashClient("reader", [[`${topic}/#`, 1]]);
  reader.payloadBytes = PAYLOAD_BYTES;
  // It has subscribed before the first message comes: its session is kept.
  await withServer([], folder, async (server) => {
    reader.connect(server.port);
    await until(() => reader.isQuiet);
    reader.lost();
  });
  return withServer([...placeOf(protocol, rocketMq), ...flags], folder, async (server) => {
    reader.connect(server.port);
    await until(() => reader.received.length >= WARM);
    const count = messages - reader.received.length;
    const figures = await timed(server, rocketMq, count, () =>
      until(() => reader.received.length >= messages),
    );
    reader.lost();
    return figures;
  });
}

function placeOf(protocol: Protocol, rocketMq: RealRocketMq): readonly string[] {
  const address = protocol === "grpc" ? rocketMq.grpc : rocketMq.nameServer;
  return ["--rocketmq", address, "--rocketmq-protocol", protocol];
}

/** Of a server's data, until the end of the process. */
function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), "beeline-rocketmq-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function withServer<T>(
  flags: readonly string[],
  folder: string,
  use: (server: BeelineProcess) => Promise<T>,
): Promise<T> {
  const all = ["--no-admin", "--data-dir", folder, "--log-level", "error", ...flags];
  const server = await beelineProcess(all);
  try {
    return await use(server);
  } finally {
    await server.kill();
  }
}

async function timed(
  server: BeelineProcess,
  rocketMq: RealRocketMq,
  messages: number,
  work: () => Promise<void>,
): Promise<Figures> {
  const own = processSeconds(server.pid);
  const theirs = processSeconds(rocketMq.pid);
  const startMs = performance.now();
  await work();
  const seconds = (performance.now() - startMs) / 1_000;
  return {
    perSecond: messages / seconds,
    cpuUs: ((processSeconds(server.pid) - own) * 1e6) / messages,
    rocketMqUs: ((processSeconds(rocketMq.pid) - theirs) * 1e6) / messages,
  };
}

/** As fast as the acknowledgements come, until the last one. */
async function publish(
  writers: readonly CrashClient[],
  topicName: string,
  messages: number,
): Promise<void> {
  let left = messages;
  const isDone = (): boolean => {
    for (const writer of writers) {
      for (; left > 0 && writer.outstanding < WINDOW; left -= 1) {
        writer.publish(topicName, `${writer.nextNumber()}`, 1, false);
      }
    }
    return left === 0 && writers.every(({ outstanding }) => outstanding === 0);
  };
  await until(isDone, 0);
}

async function until(isTrue: () => boolean, everyMs = 2): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error(`waited in vain: ${isTrue}`);
    await (everyMs === 0 ? new Promise((resolve) => setImmediate(resolve)) : sleep(everyMs));
  }
}
