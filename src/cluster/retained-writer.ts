import type { Obligation } from "../ports/policy.js";
import type { Message } from "../session/message.js";
import { TextMap } from "../topic/text-map.js";
import type { Fabric } from "./fabric.js";
import { encodeRetainedRecord } from "./retained-record.js";

/** So many records, and so many bytes of them, are on their way to the log at a time. */
const UNDER_WAY_MAX = 256;
const UNDER_WAY_BYTES_MAX = 4 * 1024 * 1024;
/** From so many topics or bytes on that wait, who publishes more retained messages is not read. */
const WAITING_MAX = 10_000;
const WAITING_BYTES_MAX = 16 * 1024 * 1024;
/** What an entry takes besides its message. */
const ENTRY_BYTES = 256;

/** What another node has retained, read while this node's own was not known to have a place. */
interface Beneath {
  readonly sequence: number;
  readonly message: Message | undefined;
}

/** What this node has retained of one topic, until the log is read beyond it. */
interface Pending {
  readonly topicName: string;
  message: Message | undefined;
  /** Whose promises wait until the log has it. */
  owed: Obligation[];
  /** Under which it was sent; 0: not yet. */
  number: number;
  /** When. */
  sentMs: number;
  /** Where it stands in the log; 0: nobody knows. */
  sequence: number;
  /** What replaces it, which came while it was on its way. */
  next: { message: Message | undefined; owed: Obligation[] } | undefined;
  beneath: Beneath | undefined;
  sentBytes: number;
}

/**
 * What this node has retained and the log is not known to have, or is not read to yet. Of each topic
 * one record is under way, and the last one waits behind it. What others write of such a topic is held
 * against it by the places of both: the order of the log decides, here as everywhere.
 */
export class RetainedWriter {
  readonly #fabric: Pick<Fabric, "keep">;
  readonly #byTopic = new TextMap<Pending>();
  readonly #underWay = new Map<number, Pending>();
  /** To be sent, and sent again, first in, first out. */
  readonly #due = new Set<Pending>();
  #underWayBytes = 0;
  #number = 0;
  /** Bytes of what the log is not known to have. */
  byteCount = 0;
  /** How long the last record took until the log was known to have it, in ms. */
  lagMs = 0;

  constructor(fabric: Pick<Fabric, "keep">) {
    this.#fabric = fabric;
  }

  /** Topics whose last state the log is not known to have. */
  get count(): number {
    return this.#due.size + this.#underWay.size;
  }

  get isFull(): boolean {
    return this.#byTopic.size >= WAITING_MAX || this.byteCount >= WAITING_BYTES_MAX;
  }

  /** Far from full again. */
  get hasRoom(): boolean {
    return this.#byTopic.size <= WAITING_MAX / 2 && this.byteCount <= WAITING_BYTES_MAX / 2;
  }

  /** Whether {@link work} has anything to send. */
  get hasWork(): boolean {
    return this.#due.size > 0 && this.#mayGo;
  }

  /** A number that no other record of this node has. */
  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  /** Takes down what is retained of a topic from now on. */
  put(topicName: string, message: Message | undefined, owed: Obligation | undefined): void {
    const more = owed === undefined ? [] : [owed];
    const pending = this.#byTopic.get(topicName);
    this.byteCount += bytesOf(message);
    if (pending === undefined) {
      this.#begin({
        ...{ topicName, message, owed: more, number: 0, sentMs: 0, sequence: 0 },
        ...{ next: undefined, beneath: undefined, sentBytes: 0 },
      });
    } else if (pending.sequence > 0) {
      this.#replace(pending, message, more);
    } else if (pending.number === 0) {
      this.byteCount -= bytesOf(pending.message);
      pending.message = message;
      pending.owed.push(...more);
    } else {
      const { next } = pending;
      if (next !== undefined) this.byteCount -= bytesOf(next.message);
      pending.next = { message, owed: [...(next?.owed ?? []), ...more] };
    }
  }

  /** Sends what may be on its way. */
  work(nowMs: number): void {
    for (const pending of this.#due) {
      if (!this.#mayGo) return;
      this.#due.delete(pending);
      this.#send(pending, nowMs);
    }
  }

  /**
   * What became of a record. In a turn.
   *
   * @param tell - Told of what is retained of its topic instead, where another node was later.
   */
  answered(
    number: number,
    sequence: number | undefined,
    nowMs: number,
    tell: (topicName: string, message: Message | undefined) => void,
  ): void {
    const pending = this.#underWay.get(number);
    if (pending === undefined) return;
    this.#underWay.delete(number);
    this.#underWayBytes -= pending.sentBytes;
    if (sequence === undefined) {
      this.#due.add(pending); // under its number
      return;
    }
    this.lagMs = nowMs - pending.sentMs;
    this.byteCount -= bytesOf(pending.message);
    for (const obligation of pending.owed) obligation.settle();
    if (pending.next !== undefined) {
      this.#replace(pending, pending.next.message, pending.next.owed);
      return;
    }
    pending.owed = [];
    pending.sequence = sequence;
    const { topicName, beneath } = pending;
    this.#forget(pending);
    if (beneath === undefined || beneath.sequence < sequence) return;
    this.#byTopic.delete(topicName);
    if (beneath.sequence > sequence) tell(topicName, beneath.message);
  }

  /**
   * The log was read.
   *
   * @returns whether that is what is retained now: not while this node's own may stand behind it.
   */
  isLast(topicName: string, sequence: number, message: Message | undefined): boolean {
    const pending = this.#byTopic.get(topicName);
    if (pending === undefined) return true;
    if (pending.sequence === 0) {
      this.#forget(pending);
      this.byteCount += bytesOf(message);
      pending.beneath = { sequence, message };
      return false;
    }
    if (sequence < pending.sequence) return false;
    this.#byTopic.delete(topicName);
    return sequence > pending.sequence; // its own is what is retained already
  }

  /** Whether something of this node is not known to have been read. */
  has(topicName: string): boolean {
    return this.#byTopic.has(topicName);
  }

  /** The log is read from its first record on: places that were known may be those of another log. */
  forgetPlaces(): void {
    for (const [topicName, { sequence }] of [...this.#byTopic]) {
      if (sequence > 0) this.#byTopic.delete(topicName);
    }
  }

  /** This node starts anew: nobody can say any more what of this has come into the log. */
  drop(reason: Error): void {
    for (const [, { owed, next }] of [...this.#byTopic]) {
      for (const obligation of [...owed, ...(next?.owed ?? [])]) obligation.fail(reason);
    }
    this.#byTopic.clear();
    this.#underWay.clear();
    this.#due.clear();
    this.#underWayBytes = 0;
    this.byteCount = 0;
  }

  get #mayGo(): boolean {
    return this.#underWay.size < UNDER_WAY_MAX && this.#underWayBytes < UNDER_WAY_BYTES_MAX;
  }

  #begin(pending: Pending): void {
    this.#byTopic.set(pending.topicName, pending);
    this.#due.add(pending);
  }

  #replace(pending: Pending, message: Message | undefined, owed: Obligation[]): void {
    pending.message = message;
    pending.owed = owed;
    pending.next = undefined;
    pending.number = 0;
    pending.sequence = 0;
    this.#due.add(pending);
  }

  #forget(pending: Pending): void {
    if (pending.beneath === undefined) return;
    this.byteCount -= bytesOf(pending.beneath.message);
    pending.beneath = undefined;
  }

  #send(pending: Pending, nowMs: number): void {
    if (pending.number === 0) {
      pending.number = this.nextNumber();
      pending.sentMs = nowMs; // once more under its number, it counts from here on all the same
    }
    const { topicName, message, number } = pending;
    const bytes = encodeRetainedRecord({ topicName, message });
    pending.sentBytes = bytes.length;
    this.#underWay.set(number, pending);
    this.#underWayBytes += bytes.length;
    this.#fabric.keep({ key: topicName, number, isRemoval: message === undefined, bytes });
  }
}

function bytesOf(message: Message | undefined): number {
  return ENTRY_BYTES + (message?.byteCount ?? 0);
}
