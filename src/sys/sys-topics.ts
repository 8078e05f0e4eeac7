import type { Statistics } from "../library/statistics.js";
import { LOAD_MINUTES, Load } from "./load.js";

/** What the topics are made of, at one moment. */
export interface SysReading {
  readonly stats: Statistics;
  readonly uptimeSeconds: number;
  readonly heapBytes: number;
}

const SYS = "$SYS/broker/";

/** What only grows, and its load by the minute under another name. */
const LOADS: readonly (readonly [name: string, total: (stats: Statistics) => number])[] = [
  ["messages/received", ({ packetsReceived }) => packetsReceived],
  ["messages/sent", ({ packetsSent }) => packetsSent],
  ["publish/received", ({ messagesReceived }) => messagesReceived],
  ["publish/sent", ({ messagesSent }) => messagesSent],
  ["publish/dropped", (stats) => droppedIn(stats)],
  ["bytes/received", ({ bytesReceived }) => bytesReceived],
  ["bytes/sent", ({ bytesSent }) => bytesSent],
  ["sockets", ({ connectionsOpened }) => connectionsOpened],
  ["connections", ({ connectsAccepted }) => connectsAccepted],
];

/**
 * The topics of Mosquitto's `$SYS/broker/`, by what mosquitto(8) says of each. A topic is told again only
 * when its text has changed.
 */
export class SysTopics {
  readonly #version: string;
  readonly #loads = LOADS.map(([name, total]) => ({ name, total, load: new Load() }));
  readonly #told = new Map<string, string>();
  #lastSeconds = 0;
  #clientsMax = 0;
  #heapMax = 0;

  constructor(version: string) {
    this.#version = version;
  }

  /** What has changed: Topic Names with their payloads. */
  changed(reading: SysReading): ReadonlyMap<string, string> {
    const all = this.#all(reading);
    const changed = new Map<string, string>();
    for (const [name, value] of Object.entries(all)) {
      if (this.#told.get(name) === value) continue;
      this.#told.set(name, value);
      changed.set(SYS + name, value);
    }
    return changed;
  }

  #all(reading: SysReading): Record<string, string> {
    const { stats, uptimeSeconds, heapBytes } = reading;
    const { queues } = stats;
    const connected = stats.sessions - stats.offlineSessions;
    this.#clientsMax = Math.max(this.#clientsMax, stats.sessions);
    this.#heapMax = Math.max(this.#heapMax, heapBytes);
    const seconds = uptimeSeconds - this.#lastSeconds;
    this.#lastSeconds = uptimeSeconds;
    return {
      version: `beeline version ${this.#version}`,
      uptime: `${Math.floor(uptimeSeconds)} seconds`,
      "clients/total": `${stats.sessions}`,
      "clients/connected": `${connected}`,
      "clients/active": `${connected}`,
      "clients/disconnected": `${stats.offlineSessions}`,
      "clients/inactive": `${stats.offlineSessions}`,
      "clients/expired": `${stats.sessionsExpired}`,
      "clients/maximum": `${this.#clientsMax}`,
      "bytes/received": `${stats.bytesReceived}`,
      "bytes/sent": `${stats.bytesSent}`,
      "messages/received": `${stats.packetsReceived}`,
      "messages/sent": `${stats.packetsSent}`,
      "messages/stored": `${stats.retained + queues.queued}`,
      "messages/inflight": `${queues.inFlight}`,
      "store/messages/count": `${stats.retained + queues.queued}`,
      "store/messages/bytes": `${stats.retainedBytes + queues.queuedBytes}`,
      "publish/messages/received": `${stats.messagesReceived}`,
      "publish/messages/sent": `${stats.messagesSent}`,
      "publish/messages/dropped": `${droppedIn(stats)}`,
      "publish/bytes/received": `${stats.payloadBytesReceived}`,
      "publish/bytes/sent": `${stats.payloadBytesSent}`,
      "retained messages/count": `${stats.retained}`,
      "subscriptions/count": `${stats.subscriptions}`,
      "shared_subscriptions/count": `${stats.sharedSubscriptions}`,
      "heap/current": `${heapBytes}`,
      "heap/maximum": `${this.#heapMax}`,
      ...this.#loadTopics(stats, seconds),
    };
  }

  #loadTopics(stats: Statistics, seconds: number): Record<string, string> {
    const topics: Record<string, string> = {};
    for (const { name, total, load } of this.#loads) {
      load.add(total(stats), seconds);
      LOAD_MINUTES.forEach((minutes, at) => {
        topics[`load/${name}/${minutes}min`] = (load.averages[at] ?? 0).toFixed(2);
      });
    }
    return topics;
  }
}

function droppedIn({ drops }: Statistics): number {
  return Object.values(drops).reduce((sum, count) => sum + count, 0);
}
