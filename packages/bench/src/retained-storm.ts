import { nowUs } from "./clock.js";
import { Histogram } from "./histogram.js";
import { readUint32, STAMP_BYTES, StampAt } from "./message-stamp.js";
import { PacketType } from "./mqtt.js";
import type { BenchOptions } from "./options.js";
import { lengthPrefixed, withFixedHeader } from "./packets.js";
import { Peer, type PeerEvents } from "./peer.js";
import { extraClientId } from "./plan.js";
import type { Storm, StormRound } from "./storm.js";

/**
 * A new client subscribes to `#` and is owed every retained message at once: a dashboard that is
 * opened, a bridge that comes back.
 */
export class RetainedStorm implements Storm, PeerEvents {
  readonly #options: BenchOptions;
  readonly #publisher: Peer;
  #unacknowledged = 0;
  #allAcknowledged: () => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;
  #rounds = 0;
  #seen = new Uint8Array(0);
  #seenCount = 0;
  #twice: number | undefined;
  #latency = new Histogram();
  #subscribedUs = 0;
  #nowUs = 0;
  #allThere: () => void = () => undefined;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.#publisher = new Peer("sender", 0, extraClientId(options, "keeper"), this);
  }

  async prepare(): Promise<void> {
    await this.#publisher.connect(this.#options, undefined);
    await this.#publishAll((index) => this.#payload(index));
  }

  async round(): Promise<StormRound> {
    const { count, qos } = this.#options;
    this.#rounds += 1;
    this.#seen = new Uint8Array(count);
    this.#seenCount = 0;
    this.#latency = new Histogram();
    const id = extraClientId(this.#options, `newcomer-${this.#rounds}`);
    const newcomer = new Peer("receiver", 0, id, this);
    await newcomer.connect(this.#options, undefined);
    const all = this.#within(ALL_MS_MAX, (resolve) => {
      this.#allThere = resolve;
    });
    this.#subscribedUs = nowUs();
    await Promise.all([newcomer.subscribe(["#"], qos), all]);
    const seconds = (nowUs() - this.#subscribedUs) / 1e6;
    await newcomer.close();
    if (this.#twice !== undefined) {
      throw new Error(`retained message ${this.#twice} came twice to one Subscription`);
    }
    return { count, seconds, latency: this.#latency.data(), retries: 0 };
  }

  /** A retained message without a payload takes the one before it away. [MQTT-3.3.1-10] */
  async clear(): Promise<void> {
    if (this.#publisher.open) await this.#publishAll(() => NOTHING);
    await this.#publisher.close();
  }

  chunkBegins(): void {
    this.#nowUs = nowUs();
  }

  message(_peer: Peer, bytes: Uint8Array, payloadAt: number, end: number): void {
    const { run, count } = this.#options;
    if (end - payloadAt < STAMP_BYTES || readUint32(bytes, payloadAt) !== run) return; // somebody else's
    const index = readUint32(bytes, payloadAt + StampAt.COUNTER);
    if (index >= count || this.#seen[index] === 1) {
      this.#twice ??= index;
      return;
    }
    this.#seen[index] = 1;
    this.#seenCount += 1;
    this.#latency.record(Math.max(0, Math.round(this.#nowUs - this.#subscribedUs)));
    if (this.#seenCount === count) this.#allThere();
  }

  acknowledged(): void {
    this.#unacknowledged -= 1;
    if (this.#unacknowledged === 0) this.#allAcknowledged();
  }

  repliesWait(peer: Peer): void {
    peer.flushReplies();
  }

  lost(peer: Peer, reason: string): void {
    this.#fail(new Error(`${peer.clientId}: ${reason}`));
  }

  /** At QoS 1, some at a time, so that the broker has them all when this ends. */
  async #publishAll(payloadOf: (index: number) => Uint8Array): Promise<void> {
    const { count } = this.#options;
    for (let from = 0; from < count; from += PUBLISHED_AT_ONCE) {
      const size = Math.min(PUBLISHED_AT_ONCE, count - from);
      const packets = Array.from({ length: size }, (_, at) =>
        this.#packet(from + at, at + 1, payloadOf(from + at)),
      );
      const acknowledged = this.#within(GROUP_MS_MAX, (resolve) => {
        this.#allAcknowledged = resolve;
      });
      this.#unacknowledged = size;
      this.#publisher.write(Buffer.concat(packets), () => undefined);
      await acknowledged;
    }
  }

  #packet(index: number, packetId: number, payload: Uint8Array): Buffer {
    const number = String(index).padStart(7, "0");
    const topicName = `${this.#options.parent}/${extraClientId(this.#options, "kept")}/${number}`;
    const id = Buffer.from([packetId >> 8, packetId & 255]);
    return withFixedHeader(RETAINED_QOS1, [lengthPrefixed(topicName), id, payload]);
  }

  #payload(index: number): Uint8Array {
    const payload = Buffer.alloc(this.#options.payloadBytes, ".");
    payload.fill(0, 0, STAMP_BYTES);
    payload.writeUInt32BE(this.#options.run, StampAt.RUN);
    payload.writeUInt32BE(index, StampAt.COUNTER);
    return payload;
  }

  /** Until it is resolved; throws what went wrong meanwhile, or when time is up. */
  #within(msMax: number, begin: (resolve: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const timeIsUp = setTimeout(() => {
        const { count } = this.#options;
        reject(new Error(`${this.#seenCount} of ${count} retained messages within ${msMax} ms`));
      }, msMax);
      this.#fail = (error) => {
        clearTimeout(timeIsUp);
        reject(error);
      };
      begin(() => {
        clearTimeout(timeIsUp);
        this.#fail = () => undefined;
        resolve();
      });
    });
  }
}

const RETAINED_QOS1 = (PacketType.PUBLISH << 4) | 2 | 1;
const NOTHING = new Uint8Array(0);
const PUBLISHED_AT_ONCE = 100;
const GROUP_MS_MAX = 20_000;
const ALL_MS_MAX = 60_000;
