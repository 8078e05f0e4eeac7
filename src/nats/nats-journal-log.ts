import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { headers, type Msg, type NatsConnection, nanos } from "@nats-io/transport-node";
import { APPEND_TERM_MS } from "../cluster/fabric.js";
import type { JournalEntry, JournalLog, PutResult } from "../presence/journal-log.js";
import { connect, START_MS } from "./connecting.js";
import { journalStream } from "./journal-stream.js";
import { type JournalNames, journalNames } from "./names.js";
import { checkServers, type NatsOptions } from "./options.js";
import { pubAckIn } from "./pub-ack.js";
import { messageOf } from "./words.js";

const ANSWER_MS = 2_000;
/** `err_code` of NATS: the last record is not the one that was named. */
const WRONG_LAST = 10_071;
/** So many records are asked for at once. */
const READ_AHEAD = 200;
/** After so many in a row the process does something else. */
const IN_A_ROW = 4;
/** A record is waited for so long. */
const SILENCE_MS = 5_000;
/** Between two attempts to make the stream anew when it is gone. */
const MAKE_EVERY_MS = 5_000;

/** The server forgets who has read nothing for so long. */
const FORGET_MS = 30_000;

/**
 * Connects to NATS, by a connection of its own: journals are written after the broker has closed, too.
 *
 * @throws UsageError for options that cannot be; `ClusterError` when NATS cannot be used, in plain words.
 */
export async function openNatsJournalLog(options: NatsOptions): Promise<NatsJournalLog> {
  const names = journalNames(options.name);
  checkServers(options.servers);
  const deadlineMs = performance.now() + (options.startMs ?? START_MS);
  const nats = await connect(options, deadlineMs);
  try {
    const manager = await jetstreamManager(nats, { checkAPI: false, timeout: APPEND_TERM_MS });
    await journalStream(manager.streams, names, deadlineMs);
    return new NatsJournalLog(nats, manager, names);
  } catch (error) {
    void nats.close();
    throw error;
  }
}

/** The {@link JournalLog} over NATS: one stream, a subject for each journal. */
export class NatsJournalLog implements JournalLog {
  readonly #nats: NatsConnection;
  readonly #streams: JetStreamManager["streams"];
  readonly #consumers: JetStreamManager["consumers"];
  readonly #names: JournalNames;
  #madeMs = Number.NEGATIVE_INFINITY;

  constructor(nats: NatsConnection, manager: JetStreamManager, names: JournalNames) {
    this.#nats = nats;
    this.#streams = manager.streams;
    this.#consumers = manager.consumers;
    this.#names = names;
  }

  async put(node: string, text: string, last: number): Promise<PutResult> {
    const given = headers();
    given.set("Nats-Expected-Stream", this.#names.stream);
    given.set("Nats-Expected-Last-Subject-Sequence", String(last));
    try {
      const setting = { headers: given, timeout: ANSWER_MS };
      return this.#resultIn(await this.#nats.request(this.#subject(node), text, setting));
    } catch (error) {
      const why = messageOf(error);
      if (/no responders/i.test(why)) await this.#makeAgain();
      return { kind: "unknown", why };
    }
  }

  async last(node: string): Promise<JournalEntry | undefined> {
    const asked = { last_by_subj: this.#subject(node) };
    const found = await this.#streams.getMessage(this.#names.stream, asked);
    if (found === null) return undefined;
    const { seq: sequence, data, time } = found;
    return { sequence, text: Buffer.from(data).toString(), timeMs: time.getTime() };
  }

  async read(node: string, upTo: number, take: (entry: JournalEntry) => void): Promise<void> {
    const { stream } = this.#names;
    const { name } = await this.#consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.All,
      filter_subject: this.#subject(node),
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(FORGET_MS),
    });
    const consumer = await jetstream(this.#nats, { timeout: ANSWER_MS }).consumers.get(
      stream,
      name,
    );
    const messages = await consumer.consume({ max_messages: READ_AHEAD });
    try {
      await readAll(messages, upTo, take);
    } finally {
      messages.stop();
      this.#consumers.delete(stream, name).catch(ignore); // the server forgets it by itself
    }
  }

  async nodes(): Promise<readonly string[]> {
    const { stream, journals } = this.#names;
    const { state } = await this.#streams.info(stream, { subjects_filter: `${journals}*` });
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(journals.length));
  }

  async purge(node: string, before: number): Promise<void> {
    const filter = this.#subject(node);
    await this.#streams.purge(this.#names.stream, { filter, seq: before });
  }

  async close(): Promise<void> {
    await this.#nats.close().catch(ignore);
  }

  #subject(node: string): string {
    return this.#names.journals + node;
  }

  #resultIn(answer: Msg): PutResult {
    const ack = pubAckIn(answer, this.#names.stream);
    if (ack.kind === "stored") return ack;
    if (ack.kind === "foreign") {
      return { kind: "unknown", why: "something other than JetStream answers" };
    }
    return ack.code === WRONG_LAST ? { kind: "refused" } : { kind: "unknown", why: ack.why };
  }

  /** Somebody may have deleted the stream: what nodes know is written into a new one. */
  async #makeAgain(): Promise<void> {
    const now = performance.now();
    if (now - this.#madeMs < MAKE_EVERY_MS) return;
    this.#madeMs = now;
    await journalStream(this.#streams, this.#names, now).catch(ignore); // the next attempt says why
  }
}

async function readAll(
  messages: ConsumerMessages,
  upTo: number,
  take: (entry: JournalEntry) => void,
): Promise<void> {
  const stop = (): void => messages.stop();
  let timer = setTimeout(stop, SILENCE_MS);
  let count = 0;
  try {
    for await (const message of messages) {
      clearTimeout(timer);
      const { seq: sequence, data, time, info } = message;
      count += 1;
      if (info.deliverySequence !== count) break; // one is missing
      take({ sequence, text: Buffer.from(data).toString(), timeMs: time.getTime() });
      if (sequence >= upTo) return;
      if (count % IN_A_ROW === 0) await pause();
      timer = setTimeout(stop, SILENCE_MS);
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error("a journal of presence could not be read to its end");
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function ignore(): void {}
