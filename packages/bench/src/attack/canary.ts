import { nowUs, sleepMs } from "../clock.js";
import { Histogram } from "../histogram.js";
import type { QoS } from "../mqtt.js";
import { Peer, type PeerEvents } from "../peer.js";
import type { Address } from "./attacker.js";
import { encodePublish } from "./packets.js";

/** How an innocent pair fared. */
export interface CanaryFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Longest time in which nothing arrived; a message is sent every ten milliseconds. */
  readonly longestSilenceMs: number;
  readonly sent: number;
  /** Not there when nobody waited any longer. They count with the time they were waited for. */
  readonly lost: number;
  /** Why a connection of the pair ended, if one did. */
  readonly cutOff: string | undefined;
}

/**
 * An innocent pair of clients: one sends the other a small message every ten milliseconds, whatever
 * becomes of the ones before, so that a server that stands still is seen for as long as it does.
 */
export class Canary {
  readonly #topicName: string;
  readonly #sender: Peer;
  readonly #receiver: Peer;
  readonly #sentUs = new Map<number, number>();
  #latency = new Histogram();
  #timer: NodeJS.Timeout | undefined;
  #counter = 0;
  #firstCounter = 0;
  #lastArrivalUs = 0;
  #longestSilenceUs = 0;
  #cutOff: string | undefined;

  constructor() {
    const name = `canary-${process.pid}-${Math.floor(Math.random() * 1e9)}`;
    this.#topicName = `${name}/t`;
    const events: PeerEvents = {
      chunkBegins: () => undefined,
      repliesWait: (peer) => peer.flushReplies(),
      message: (_peer, bytes, payloadAt) => this.#arrived(bytes, payloadAt),
      acknowledged: () => undefined,
      lost: (_peer, reason) => {
        this.#cutOff ??= reason;
      },
    };
    this.#sender = new Peer("sender", 0, `${name}-sender`, events);
    this.#receiver = new Peer("receiver", 0, `${name}-receiver`, events);
  }

  /** Connects and begins to send. @throws Error when the server takes neither of them. */
  async start(address: Address): Promise<void> {
    const { username, password } = address;
    const target = { ...address, username, password };
    await this.#receiver.connect(target, undefined);
    await this.#receiver.subscribe([this.#topicName], QOS);
    await this.#sender.connect(target, undefined);
    this.begin();
    this.#timer = setInterval(() => this.#send(), PERIOD_MS);
  }

  /** From now on it counts. */
  begin(): void {
    this.#latency = new Histogram();
    this.#firstCounter = this.#counter;
    this.#sentUs.clear();
    this.#lastArrivalUs = nowUs();
    this.#longestSilenceUs = 0;
  }

  /** Sends no more, and waits for what is under way, so long at the most. */
  async end(graceMs: number): Promise<CanaryFigures> {
    clearInterval(this.#timer);
    const until = nowUs() + graceMs * 1000;
    while (this.#sentUs.size > 0 && this.#cutOff === undefined && nowUs() < until) {
      await sleepMs(PERIOD_MS);
    }
    const now = nowUs();
    if (this.#sentUs.size > 0) this.#silentUntil(now);
    for (const sentUs of this.#sentUs.values()) this.#latency.record(microseconds(now - sentUs));
    return {
      p50Ms: this.#latency.quantile(0.5) / 1000,
      p99Ms: this.#latency.quantile(0.99) / 1000,
      longestSilenceMs: this.#longestSilenceUs / 1000,
      sent: this.#counter - this.#firstCounter,
      lost: this.#sentUs.size,
      cutOff: this.#cutOff,
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#sender.close(), this.#receiver.close()]);
  }

  #send(): void {
    if (!this.#sender.open) return;
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(this.#counter);
    this.#sentUs.set(this.#counter, nowUs());
    this.#counter += 1;
    this.#sender.write(encodePublish({ topicName: this.#topicName, payload }), () => undefined);
  }

  #arrived(bytes: Uint8Array, payloadAt: number): void {
    const counter = Buffer.from(bytes.buffer, bytes.byteOffset + payloadAt, 4).readUInt32BE();
    const sentUs = this.#sentUs.get(counter);
    if (sentUs === undefined) return; // from before it counted
    this.#sentUs.delete(counter);
    const now = nowUs();
    this.#latency.record(microseconds(now - sentUs));
    this.#silentUntil(now);
  }

  #silentUntil(now: number): void {
    this.#longestSilenceUs = Math.max(this.#longestSilenceUs, now - this.#lastArrivalUs);
    this.#lastArrivalUs = now;
  }
}

function microseconds(duration: number): number {
  return Math.max(0, Math.round(duration));
}

const QOS: QoS = 0;
const PERIOD_MS = 10;
