import type { PublishBlock } from "./packets.js";

/** Where the numbers stand in the Topic Names of the matching scenario. */
export interface TopicLayout {
  /** Offset of the three digits of the group, in bytes of the Topic Name. */
  readonly groupAt: number;
  /** Offset of the seven digits of the topic. */
  readonly topicAt: number;
}

/** Topics `from` to `from + count - 1`, each subscribed by one receiver, in ranges. */
export interface TopicRange {
  readonly from: number;
  readonly count: number;
  /** The receiver (within this process) of a topic. */
  readonly receiverOf: (topic: number) => number;
}

/**
 * Draws a random topic for each message of one publisher and counts per receiver, so that the
 * receiver can tell a lost message from one that went to another receiver.
 */
export class TopicLottery {
  readonly #layout: TopicLayout;
  readonly #range: TopicRange;
  readonly #counters: Uint32Array;
  #state: number;

  /** @param seed - Any number: the same seed draws the same topics. */
  constructor(layout: TopicLayout, range: TopicRange, receiverCount: number, seed: number) {
    this.#layout = layout;
    this.#range = range;
    this.#counters = new Uint32Array(receiverCount);
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1; // xorshift must not start at 0
  }

  /** Puts a random topic into packet `index` of the block; returns the counter for its receiver. */
  draw(block: PublishBlock, index: number): number {
    const topic = this.#range.from + (this.#next() % this.#range.count);
    block.renumber(index, this.#layout.groupAt, GROUP_DIGITS, groupOf(topic));
    block.renumber(index, this.#layout.topicAt, TOPIC_DIGITS, topic);
    const receiver = this.#range.receiverOf(topic);
    const counter = this.#counters[receiver] as number;
    this.#counters[receiver] = counter + 1;
    return counter;
  }

  /** Messages sent so far to a receiver. */
  sentTo(receiver: number): number {
    return this.#counters[receiver] as number;
  }

  #next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state >>> 0;
  }
}

/** Topics are spread over a thousand groups, the level before their own. */
export function groupOf(topic: number): number {
  return topic % 1000;
}

export const GROUP_DIGITS = 3;
export const TOPIC_DIGITS = 7;
