import { copyBytes } from "./bytes.js";

const SLOTS = 256;
const TOPIC_BYTES_MAX = 64;

/**
 * Topics that were encoded and found valid before, with their UTF-8: a sender uses few topics, and
 * going through a string's characters costs more than all the rest of a small packet.
 *
 * One slot for each value of a cheap hash, the last topic wins: bounded at 16 KiB and 256 strings,
 * whatever is sent.
 */
export class EncodedTopics {
  readonly #topics = new Array<string>(SLOTS).fill("");
  readonly #lengths = new Uint8Array(SLOTS);
  readonly #bytes = new Uint8Array(SLOTS * TOPIC_BYTES_MAX);

  /** The slot that holds this topic, or -1. O(1), a comparison of strings included. */
  find(topic: string): number {
    const slot = slotOf(topic);
    return this.#topics[slot] === topic && topic !== "" ? slot : -1; // "" stands in free slots
  }

  /** How many bytes the topic in a slot has. */
  lengthAt(slot: number): number {
    return this.#lengths[slot] as number; // 0..255: from find
  }

  /** Copies the topic in a slot to `target` from `at` on; the caller has checked that it fits. */
  copy(slot: number, target: Uint8Array, at: number): void {
    const from = slot * TOPIC_BYTES_MAX;
    copyBytes(this.#bytes, from, from + this.lengthAt(slot), target, at);
  }

  /** Keeps a valid topic whose UTF-8 is `bytes[from..to)`, unless that is long. */
  remember(topic: string, bytes: Uint8Array, from: number, to: number): void {
    if (to - from > TOPIC_BYTES_MAX) return;
    const slot = slotOf(topic);
    this.#topics[slot] = topic;
    this.#lengths[slot] = to - from;
    copyBytes(bytes, from, to, this.#bytes, slot * TOPIC_BYTES_MAX);
  }
}

/** The last characters differ most: device numbers stand there. */
function slotOf(topic: string): number {
  const { length } = topic;
  const last = topic.charCodeAt(length - 1);
  return (length * 31 + last * 7 + topic.charCodeAt(length - 2)) & (SLOTS - 1); // NaN & 255 is 0
}
