import { nowUs, toStamp } from "./clock.js";
import type { QoS } from "./mqtt.js";
import type { PublishBlock } from "./packets.js";
import type { Peer } from "./peer.js";
import type { TopicLottery } from "./topic-lottery.js";

/** When a publisher may send. */
export interface Pace {
  /** Messages in flight, at most: neither delivered nor (QoS 1, 2) acknowledged. */
  readonly window: number;
  /** Open loop: messages leave when they are due, whatever became of those before. */
  readonly open: boolean;
}

/**
 * One publisher. In the closed loop a message leaves when an earlier one is through; in the open
 * loop when it is due, and it carries the time it was due at, so waiting counts as latency.
 */
export class Sender {
  readonly peer: Peer;
  readonly block: PublishBlock;
  readonly lottery: TopicLottery | undefined;
  /** Messages handed to the kernel. */
  sent = 0;
  /** Messages through at their receivers, or skipped by them for good. */
  delivered = 0;
  acked = 0;
  /** Open loop: messages whose time has come. */
  due = 0;
  strayAcks = 0;
  /** Noted for the end of the turn. */
  marked = false;
  stopped = true;
  readonly #qos: QoS;
  readonly #pace: Pace;
  /** When each message not yet acknowledged left; they form a ring. */
  readonly #sentStamps: Uint32Array;
  #blocked = false;
  readonly #unblock = (): void => {
    this.#blocked = false;
    this.pump();
  };
  #firstDueUs = 0;
  #intervalUs = 0;

  constructor(
    peer: Peer,
    block: PublishBlock,
    lottery: TopicLottery | undefined,
    qos: QoS,
    pace: Pace,
  ) {
    this.peer = peer;
    this.block = block;
    this.lottery = lottery;
    this.#qos = qos;
    this.#pace = pace;
    const most = pace.open ? IN_FLIGHT_MAX : Math.max(pace.window, block.capacity);
    this.#sentStamps = new Uint32Array(qos === 0 ? 0 : 2 ** Math.ceil(Math.log2(most)));
  }

  /** Open loop: message k is due at `firstDueUs + k * intervalUs`. */
  schedule(firstDueUs: number, intervalUs: number): void {
    this.#firstDueUs = firstDueUs;
    this.#intervalUs = intervalUs;
  }

  dueUs(counter: number): number {
    return this.#firstDueUs + counter * this.#intervalUs;
  }

  /** @returns the stamp of when that message left; -1 for an acknowledgement of nothing. */
  acknowledge(packetId: number): number {
    if (packetId !== packetIdOf(this.acked) || this.acked >= this.sent) this.strayAcks += 1;
    if (this.acked >= this.sent) return -1;
    const stamp = this.#sentStamps[this.acked & (this.#sentStamps.length - 1)];
    this.acked += 1;
    return stamp ?? -1;
  }

  /** Sends what may be sent now: one write for all of it, as far as the block reaches. */
  pump(): void {
    while (!this.#blocked && !this.stopped && this.peer.open) {
      const count = Math.min(this.#room(), this.block.capacity);
      if (count <= 0) return;
      this.#write(count);
    }
  }

  /** Messages not yet through. */
  get outstanding(): number {
    return this.sent - this.#through();
  }

  #through(): number {
    return this.#qos === 0 ? this.delivered : Math.min(this.delivered, this.acked);
  }

  #room(): number {
    if (!this.#pace.open) return this.#pace.window - (this.sent - this.#through());
    const due = this.due - this.sent;
    return this.#qos === 0 ? due : Math.min(due, IN_FLIGHT_MAX - (this.sent - this.acked));
  }

  #write(count: number): void {
    const block = this.block;
    const first = this.sent;
    const sentStamp = toStamp(nowUs());
    for (let index = 0; index < count; index += 1) {
      const message = first + index;
      const stamp = this.#pace.open ? toStamp(this.dueUs(message)) : sentStamp;
      const counter = this.lottery === undefined ? message : this.lottery.draw(block, index);
      block.stamp(index, counter, stamp);
      if (this.#qos > 0) {
        block.identify(index, packetIdOf(message));
        this.#sentStamps[message & (this.#sentStamps.length - 1)] = sentStamp;
      }
    }
    this.sent += count;
    const bytes =
      count === block.capacity ? block.bytes : block.bytes.subarray(0, count * block.packetBytes);
    this.#blocked = !this.peer.write(bytes, this.#unblock);
  }
}

/** 1..65535, round and round. §2.3.1 */
function packetIdOf(message: number): number {
  return (message % 65_535) + 1;
}

/** Packet Identifiers that may be in use at once; well below all there are. */
export const IN_FLIGHT_MAX = 60_000;
