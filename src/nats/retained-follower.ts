import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamManager,
  type JsMsg,
  jetstream,
} from "@nats-io/jetstream";
import { type NatsConnection, nanos } from "@nats-io/transport-node";
import type { ClusterNames } from "./names.js";
import { isNotFound } from "./order-stream.js";
import { REMOVAL_HEADER } from "./retained-appending.js";
import { REMOVAL_MS } from "./retained-removals.js";

/** Asked for at once; a larger record is asked for alone. */
const READ_BYTES = 4 * 1024 * 1024;
/** Room for what stands around a record. */
const AROUND_BYTES = 64 * 1024;
/** After so many records in a row the process does something else. */
const IN_A_ROW = 64;
/** Between two looks whether something is missing that does not come. */
const LOOK_MS = 1_000;
/** Between two attempts while NATS does not answer. */
const AGAIN_MS = 250;
const ANSWER_MS = 2_000;
/** The server forgets who has read nothing for so long. */
const FORGET_MS = 60_000;
/** Whoever has not known the end of the log for so long may have missed that something was removed. */
const STALE_MS = REMOVAL_MS / 10;
/** A server that has just started may not know of a stream yet: so many times it may say so. */
const NOT_FOUND_MAX = 25;

/** What the log tells. */
export interface RetainedFollowerEvents {
  begin(): void;
  record(sequence: number, bytes: Uint8Array): void;
  end(): void;
  /** A record says only that a topic has no retained message. */
  removal(sequence: number): void;
  lost(reason: Error): void;
}

/**
 * Reads the log of retained messages, from its first record on, and then as it grows. Records come from
 * a consumer of the stream, which keeps their order; when one is missing or the consumer is gone, another
 * one goes on from there. Ends with {@link close}, or when the stream is gone.
 */
export class RetainedFollower {
  readonly #nats: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #names: ClusterNames;
  readonly #events: RetainedFollowerEvents;
  readonly #nowMs: () => number;
  /** The sequence that is read next. */
  #next = 1;
  /** Whether what was there when it began is not all told yet. */
  #isBeginning = true;
  /** When the stream was made: another one of its name is another log. */
  #created: string | undefined;
  /** When it was known last that there was nothing more to read. */
  #sureMs = 0;
  #messages: ConsumerMessages | undefined;
  #watch: NodeJS.Timeout | undefined;
  #isLooking = false;
  /** Of the last look: what was waited for. */
  #waitedFor = 0;
  #notFound = 0;
  #isClosed = false;

  constructor(
    nats: NatsConnection,
    manager: JetStreamManager,
    names: ClusterNames,
    events: RetainedFollowerEvents,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#nats = nats;
    this.#manager = manager;
    this.#names = names;
    this.#events = events;
    this.#nowMs = nowMs;
  }

  open(): void {
    this.#watch = setInterval(() => void this.#look(), LOOK_MS);
    void this.#run();
  }

  /** The connection is back: whoever has sent records before may be gone. */
  reconnected(): void {
    this.#messages?.stop();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#watch);
    this.#messages?.stop();
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#readOn();
      } catch (error) {
        this.#isGone(error);
      }
      if (!this.#isClosed) await delay(AGAIN_MS);
    }
  }

  /** Reads until something is missing, or the consumer is gone. */
  async #readOn(): Promise<void> {
    const { retainedStream: stream } = this.#names;
    const info = await this.#manager.streams.info(stream);
    this.#notFound = 0;
    const isOther = info.created !== this.#created;
    const isStale = this.#nowMs() - this.#sureMs > STALE_MS;
    if (isOther || isStale) this.#begin(info.created);
    const { name, num_pending: pending } = await this.#manager.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: this.#next,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(FORGET_MS),
    });
    if (this.#isClosed) return;
    // What stood at the end may have been taken away since: nothing of that comes.
    if (pending === 0) this.#isAtEnd(info.state.last_seq);
    const consumer = await jetstream(this.#nats, { timeout: ANSWER_MS }).consumers.get(
      stream,
      name,
    );
    const bytesMax = Math.max(READ_BYTES, (this.#nats.info?.max_payload ?? 0) + AROUND_BYTES);
    const messages = await consumer.consume({ max_bytes: bytesMax });
    this.#messages = messages;
    try {
      await this.#readFrom(messages);
    } finally {
      this.#messages = undefined;
      messages.stop();
    }
  }

  async #readFrom(messages: ConsumerMessages): Promise<void> {
    let delivered = 0;
    for await (const message of messages) {
      delivered += 1;
      // One is missing: from there on, once more.
      if (this.#isClosed || message.info.deliverySequence !== delivered) return;
      this.#take(message);
      if (delivered % IN_A_ROW === 0) await pause();
    }
  }

  #take(message: JsMsg): void {
    const { seq, data, headers, info } = message;
    if (seq < this.#next) return;
    this.#next = seq + 1;
    this.#events.record(seq, data);
    if (headers?.has(REMOVAL_HEADER) === true && this.#isBeginning) this.#events.removal(seq);
    if (info.pending === 0) this.#isAtEnd(seq);
  }

  #begin(created: string): void {
    this.#created = created;
    this.#isBeginning = true;
    this.#next = 1;
    this.#sureMs = this.#nowMs();
    this.#events.begin();
  }

  #isAtEnd(last: number): void {
    this.#sureMs = this.#nowMs();
    this.#next = Math.max(this.#next, last + 1);
    if (!this.#isBeginning) return;
    this.#isBeginning = false;
    this.#events.end();
  }

  /** What was sent to a consumer that is gone, or by one that stands still, does not come. */
  async #look(): Promise<void> {
    const next = this.#next;
    const isStill = next === this.#waitedFor;
    this.#waitedFor = next;
    if (!isStill || this.#isLooking || this.#messages === undefined) return;
    this.#isLooking = true;
    try {
      const { created, state } = await this.#manager.streams.info(this.#names.retainedStream);
      this.#notFound = 0;
      if (this.#next !== next) return; // it goes on
      const isThere = created === this.#created && state.last_seq < next;
      const isStale = this.#nowMs() - this.#sureMs > STALE_MS;
      // A consumer may count what is pending wrongly after a crash, and never say that nothing is.
      if (isThere && !isStale) this.#isAtEnd(state.last_seq);
      else this.#messages?.stop();
    } catch (error) {
      this.#isGone(error);
    } finally {
      this.#isLooking = false;
    }
  }

  /** When the whole log is gone, there is nothing to wait for. */
  #isGone(error: unknown): void {
    if (!isNotFound(error) || this.#isClosed) return;
    this.#notFound += 1;
    if (this.#notFound < NOT_FOUND_MAX) return;
    this.close();
    this.#events.lost(
      new Error(`the retained messages ${this.#names.retainedStream} were deleted in NATS`),
    );
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
