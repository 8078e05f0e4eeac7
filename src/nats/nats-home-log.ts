import { setTimeout as delay } from "node:timers/promises";
import { type ConsumerMessages, jetstream } from "@nats-io/jetstream";
import { headers, type Msg, type NatsConnection } from "@nats-io/transport-node";
import type { Appended, HomeLog, Looked } from "../replica/home-log.js";
import type { HomeStreams } from "./home-stream.js";
import type { HomeNames } from "./names.js";
import { pubAckIn } from "./pub-ack.js";
import { messageOf } from "./words.js";

/** So long NATS has for its answer to an append. */
const ANSWER_MS = 2_000;
/** Within what a server of NATS takes, and not so much that one entry holds up the others. */
const ENTRY_BYTES_MOST = 1024 * 1024;
/** Room for headers in what NATS takes at most. */
const HEADROOM_BYTES = 4_096;
/** `err_code` of NATS: the last entry is not the one that was named. */
const WRONG_LAST = 10_071;
/** So many entries are asked for at once. */
const READ_AHEAD = 500;
/** An entry is waited for so long, then asked for again. */
const SILENCE_MS = 3_000;
/** After so long without any it is given up. */
const GIVE_UP_MS = 30_000;
/** Between two attempts. */
const AGAIN_MS = 250;

/** A {@link HomeLog} over a stream of JetStream. */
export class NatsHomeLog implements HomeLog {
  readonly entryBytesMax: number;
  readonly #nats: NatsConnection;
  readonly #streams: HomeStreams;
  readonly #names: HomeNames;

  constructor(nats: NatsConnection, streams: HomeStreams, names: HomeNames) {
    this.#nats = nats;
    this.#streams = streams;
    this.#names = names;
    const taken = nats.info?.max_payload ?? ENTRY_BYTES_MOST;
    this.entryBytesMax = Math.min(ENTRY_BYTES_MOST, taken - HEADROOM_BYTES);
  }

  append(bytes: Uint8Array, expectedLast: number, done: (result: Appended) => void): void {
    void this.#append(bytes, expectedLast).then(done);
  }

  look(sequence: number, done: (result: Looked) => void): void {
    void this.#look(sequence).then(done);
  }

  purgeBefore(sequence: number): void {
    // If it fails, the next copy removes more.
    this.#streams.purge(this.#names.stream, { seq: sequence }).catch(ignore);
  }

  /**
   * Reads all entries behind one, up to another. While NATS does not answer it tries again.
   *
   * @throws Error when nothing has come for long, or as `take` does.
   */
  async read(
    after: number,
    last: number,
    take: (sequence: number, bytes: Uint8Array) => Promise<void>,
  ): Promise<void> {
    let next = after + 1;
    let progressMs = performance.now();
    const takeNext = async (sequence: number, bytes: Uint8Array): Promise<void> => {
      await take(sequence, bytes);
      next = sequence + 1;
      progressMs = performance.now();
    };
    while (next <= last) {
      const why = await this.#readFrom(next, last, takeNext);
      if (next > last) return;
      if (performance.now() - progressMs > GIVE_UP_MS) {
        throw new Error(
          `entry ${next} of ${last} could not be read from ${this.#names.stream} in NATS (${why}): do most ` +
            "of its servers run, and see each other?",
        );
      }
      await delay(AGAIN_MS);
    }
  }

  /** @returns why it did not go on. */
  async #readFrom(
    first: number,
    last: number,
    take: (sequence: number, bytes: Uint8Array) => Promise<void>,
  ): Promise<string> {
    let messages: ConsumerMessages;
    try {
      const consumer = await jetstream(this.#nats, { timeout: ANSWER_MS }).consumers.get(
        this.#names.stream,
        { deliver_policy: "by_start_sequence", opt_start_seq: first },
      );
      messages = await consumer.consume({ max_messages: READ_AHEAD });
    } catch (error) {
      return messageOf(error);
    }
    const stop = (): void => messages.stop();
    let timer = setTimeout(stop, SILENCE_MS);
    let next = first;
    try {
      for await (const { seq, data } of messages) {
        clearTimeout(timer);
        if (seq !== next) break; // from the entry that is missing on, once more
        await take(seq, data);
        next += 1;
        if (seq >= last) break;
        timer = setTimeout(stop, SILENCE_MS);
      }
    } finally {
      clearTimeout(timer);
      stop();
    }
    return "no answer";
  }

  async #append(bytes: Uint8Array, expectedLast: number): Promise<Appended> {
    const given = headers();
    given.set("Nats-Expected-Stream", this.#names.stream);
    given.set("Nats-Expected-Last-Sequence", String(expectedLast));
    try {
      const answer = await this.#nats.request(this.#names.subject, bytes, {
        headers: given,
        timeout: ANSWER_MS,
      });
      return this.#resultIn(answer, expectedLast + 1);
    } catch (error) {
      return { kind: "unknown", why: messageOf(error) };
    }
  }

  /** @param place - Where the entry is, if it is in the log. */
  #resultIn(answer: Msg, place: number): Appended {
    const ack = pubAckIn(answer, this.#names.stream);
    if (ack.kind === "stored") {
      if (ack.sequence === place) return ack;
      return { kind: "unknown", why: `it is said to be entry ${ack.sequence}, not ${place}` };
    }
    if (ack.kind === "foreign") {
      return { kind: "unknown", why: "something other than JetStream answers" };
    }
    return ack.code === WRONG_LAST ? { kind: "refused" } : { kind: "unknown", why: ack.why };
  }

  async #look(sequence: number): Promise<Looked> {
    const { stream } = this.#names;
    try {
      const found = await this.#streams.getMessage(stream, { seq: sequence });
      if (found !== null) return { kind: "entry", bytes: found.data };
      const { state } = await this.#streams.info(stream);
      return { kind: "none", first: state.first_seq, last: state.last_seq };
    } catch (error) {
      return { kind: "unknown", why: messageOf(error) };
    }
  }
}

function ignore(): void {}
