import type { StreamInfo } from "@nats-io/jetstream";
import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import { firstRecent } from "./log-start.js";
import type { ClusterNames } from "./names.js";
import { isNotFound, type Streams } from "./order-stream.js";
import { Sequencer } from "./sequencer.js";

/** So many missing entries are asked for at once. */
const READS_MAX = 64;
/** So many entries are kept that come before it is known where to begin. */
const BEFORE_MAX = 1_000;
/** Between two looks at whether something is missing behind the last entry. */
const WATCH_MS = 250;
/** After so many looks without an entry NATS is asked how long the log is. */
const SILENT_LOOKS = 4;
/** Between two attempts while NATS does not answer. */
const AGAIN_MS = 200;
/** A server that has just started may not know of a stream yet: so many times it may say so. */
const NOT_FOUND_MAX = 25;

/** What the log tells. */
export interface OrderLogEvents {
  ordered(sequence: number, bytes: Uint8Array): void;
  lost(reason: Error): void;
  /** Something on our subject that is not of the log. */
  foreign(): void;
  /** So many entries were missed, and are read from the log. */
  gap(count: number): void;
}

/**
 * Reads the order log as it grows: each entry comes as a message on a subject, which may get lost; then
 * it is read from the stream. Ends with {@link close}, or when entries are gone for ever.
 */
export class OrderLog {
  readonly #nats: NatsConnection;
  readonly #streams: Streams;
  readonly #names: ClusterNames;
  readonly #events: OrderLogEvents;
  #subscription: Subscription | undefined;
  #sequencer: Sequencer | undefined;
  /** What came before it was known where to begin. */
  #before: (readonly [sequence: number, bytes: Uint8Array])[] = [];
  /** When the stream was made: another one of its name is another log. */
  #created: string | undefined;
  #isReading = false;
  #isAsking = false;
  #isClosed = false;
  #notFound = 0;
  #watch: NodeJS.Timeout | undefined;
  /** Of the last look: what was waited for. */
  #waitedFor = 0;
  #silentLooks = 0;

  constructor(nats: NatsConnection, streams: Streams, names: ClusterNames, events: OrderLogEvents) {
    this.#nats = nats;
    this.#streams = streams;
    this.#names = names;
    this.#events = events;
  }

  /** Begins with entries that are at most so old. */
  open(recentMs: number): void {
    this.#subscription = this.#nats.subscribe(this.#names.ordered, {
      callback: (error, message) => {
        if (error === null) this.#came(message);
      },
    });
    void this.#begin(recentMs);
  }

  /** The log has entries up to this one. */
  exists(sequence: number): void {
    this.#sequencer?.exists(sequence);
  }

  /** The connection is back: what was missed is found out now. */
  reconnected(): void {
    void this.#ask();
  }

  /** Entries that are known to be in the log and were not read yet. */
  get lag(): number {
    const gap = this.#sequencer?.gap;
    return gap === undefined ? 0 : gap.to - gap.from + 1;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#watch);
    this.#subscription?.unsubscribe();
  }

  /** Where to begin is asked until there is an answer: meanwhile entries are kept. */
  async #begin(recentMs: number): Promise<void> {
    let next: number | undefined;
    while (next === undefined) {
      if (this.#isClosed) return;
      try {
        await this.#nats.flush(); // what comes from here on is heard
        const info = await this.#streams.info(this.#names.stream);
        next = Math.max(1, await firstRecent(this.#streams, this.#names, info, recentMs));
        this.#created = info.created;
        this.#start(next, info);
      } catch (error) {
        if (this.#isGone(error)) return;
        await delay(AGAIN_MS);
      }
    }
  }

  #start(next: number, { state }: StreamInfo): void {
    if (this.#isClosed) return;
    const sequencer = new Sequencer(next, (sequence, bytes) => {
      if (!this.#isClosed) this.#events.ordered(sequence, bytes);
    });
    this.#sequencer = sequencer;
    sequencer.exists(state.last_seq);
    for (const [sequence, bytes] of this.#before) sequencer.take(sequence, bytes);
    this.#before = [];
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    void this.#readMissing();
  }

  #came(message: Msg): void {
    const { headers } = message;
    const sequence = Number(headers?.get("Nats-Sequence"));
    const isOurs = headers?.get("Nats-Stream") === this.#names.stream;
    if (!isOurs || !Number.isSafeInteger(sequence) || sequence < 1) {
      this.#events.foreign();
      return;
    }
    const sequencer = this.#sequencer;
    if (sequencer === undefined) {
      // The rest is read from the log.
      if (this.#before.length < BEFORE_MAX) this.#before.push([sequence, message.data]);
      return;
    }
    sequencer.take(sequence, message.data);
    if (sequencer.hole) void this.#readMissing();
  }

  /** The last entries before a silence have nothing behind them that shows that they are missing. */
  #look(): void {
    const sequencer = this.#sequencer;
    if (sequencer === undefined) return;
    const { next, gap } = sequencer;
    const isStill = next === this.#waitedFor;
    this.#waitedFor = next;
    if (!isStill) {
      this.#silentLooks = 0;
      return;
    }
    if (gap !== undefined) {
      void this.#readMissing();
      return;
    }
    this.#silentLooks += 1;
    if (this.#silentLooks % SILENT_LOOKS === 0) void this.#ask();
  }

  /** Asks NATS how long the log is, and whether it is still the same. */
  async #ask(): Promise<void> {
    const sequencer = this.#sequencer;
    if (sequencer === undefined || this.#isAsking || this.#isClosed) return;
    this.#isAsking = true;
    try {
      const info = await this.#streams.info(this.#names.stream);
      this.#notFound = 0;
      if (info.created !== this.#created) {
        this.#lost(`the order log ${this.#names.stream} was deleted in NATS and made again`);
        return;
      }
      if (info.state.first_seq > sequencer.next) {
        this.#lostBefore(info.state.first_seq);
        return;
      }
      if (info.state.last_seq >= sequencer.next) sequencer.exists(info.state.last_seq);
      else if (sequencer.hole && !this.#isReading) sequencer.endsAt(info.state.last_seq);
      if (sequencer.gap !== undefined) void this.#readMissing();
    } catch (error) {
      this.#isGone(error); // otherwise the next look asks again
    } finally {
      this.#isAsking = false;
    }
  }

  async #readMissing(): Promise<void> {
    const sequencer = this.#sequencer;
    if (sequencer === undefined || this.#isReading) return;
    this.#isReading = true;
    try {
      while (!this.#isClosed && sequencer.gap !== undefined) {
        if (!(await this.#readSome(sequencer))) await delay(AGAIN_MS);
      }
    } finally {
      this.#isReading = false;
    }
  }

  /** @returns whether it went on. */
  async #readSome(sequencer: Sequencer): Promise<boolean> {
    const { from, to } = sequencer.gap ?? { from: 1, to: 0 };
    const wanted: number[] = [];
    for (let at = from; at <= to && wanted.length < READS_MAX; at += 1) {
      if (!sequencer.has(at)) wanted.push(at);
    }
    this.#events.gap(wanted.length);
    const reads = wanted.map((seq) => this.#streams.getMessage(this.#names.stream, { seq }));
    const results = await Promise.allSettled(reads);
    for (const [at, sequence] of wanted.entries()) {
      const result = results[at];
      if (this.#isClosed || sequencer.next > sequence) continue;
      if (result?.status !== "fulfilled") {
        this.#isGone(result?.reason);
        return false;
      }
      if (result.value === null) return this.#isMissing(sequencer, sequence);
      sequencer.take(sequence, result.value.data);
    }
    return true;
  }

  /** An entry is not there: it has been deleted, or it is not written yet. */
  async #isMissing(sequencer: Sequencer, sequence: number): Promise<boolean> {
    try {
      const info = await this.#streams.info(this.#names.stream);
      if (sequencer.next > sequence) return true; // it came meanwhile
      const { first_seq: first, last_seq: last } = info.state;
      if (info.created !== this.#created || sequence < first) this.#lostBefore(first);
      else if (sequence > last) sequencer.endsAt(last);
      else if ((await this.#streams.getMessage(this.#names.stream, { seq: sequence })) === null)
        this.#lost(`entry ${sequence} of the order log ${this.#names.stream} was deleted in NATS`);
      return true;
    } catch (error) {
      this.#isGone(error);
      return false;
    }
  }

  #lostBefore(first: number): void {
    this.#lost(
      `entries of the order log ${this.#names.stream} before ${first} are gone from NATS, and this ` +
        "node has not read them",
    );
  }

  /** Whether the whole log is gone, after which there is nothing to wait for. */
  #isGone(error: unknown): boolean {
    if (!isNotFound(error)) return this.#isClosed;
    this.#notFound += 1;
    if (this.#notFound >= NOT_FOUND_MAX) {
      this.#lost(`the order log ${this.#names.stream} was deleted in NATS`);
    }
    return this.#isClosed;
  }

  #lost(why: string): void {
    if (this.#isClosed) return;
    this.close();
    this.#events.lost(new Error(why));
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
