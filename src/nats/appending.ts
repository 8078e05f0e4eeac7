import type { Msg, NatsConnection } from "@nats-io/transport-node";
import { APPEND_TERM_MS } from "../cluster/fabric.js";
import type { Logger } from "../log/logger.js";
import type { ClusterNames } from "./names.js";
import { pubAckIn } from "./pub-ack.js";
import { messageOf } from "./words.js";

/** So long NATS has for its answer: within the term of the port. */
const ANSWER_MS = APPEND_TERM_MS - 200;
/** A no does not come sooner: whoever tries again at once would spin. */
const NO_AFTER_MS = 100;

/** Puts entries at the end of the order log. */
export class Appending {
  stored = 0;
  unanswered = 0;
  lastMs = 0;
  /** Answers that are not of the stream. */
  foreign = 0;
  readonly #nats: NatsConnection;
  readonly #names: ClusterNames;
  readonly #logger: Logger | undefined;
  readonly #exists: (sequence: number) => void;
  /** What was said last, so that it is said once. */
  #told = "";

  /** @param exists - Told the sequence of each entry that the log has taken. */
  constructor(
    nats: NatsConnection,
    names: ClusterNames,
    logger: Logger | undefined,
    exists: (sequence: number) => void,
  ) {
    this.#nats = nats;
    this.#names = names;
    this.#logger = logger;
    this.#exists = exists;
  }

  append(bytes: Uint8Array, isConnected: boolean, done: (isStored: boolean) => void): void {
    if (!isConnected) {
      this.unanswered += 1;
      setTimeout(done, NO_AFTER_MS, false);
      return;
    }
    void this.#append(bytes.slice(), done); // the library reads it after this turn
  }

  async #append(bytes: Uint8Array, done: (isStored: boolean) => void): Promise<void> {
    const startMs = performance.now();
    let why: string;
    try {
      const answer = await this.#nats.request(this.#names.order, bytes, { timeout: ANSWER_MS });
      const sequence = this.#sequenceIn(answer);
      if (typeof sequence === "number") {
        this.stored += 1;
        this.lastMs = performance.now() - startMs;
        this.#told = "";
        this.#exists(sequence);
        done(true);
        return;
      }
      why = sequence;
    } catch (error) {
      why = messageOf(error);
    }
    this.unanswered += 1;
    this.#tell(why);
    setTimeout(done, Math.max(0, NO_AFTER_MS - (performance.now() - startMs)), false);
  }

  /** @returns the sequence, or what is wrong. */
  #sequenceIn(answer: Msg): number | string {
    const ack = pubAckIn(answer, this.#names.stream);
    if (ack.kind === "stored") return ack.sequence;
    if (ack.kind === "error") return ack.why;
    this.foreign += 1;
    return `something other than JetStream answers on ${this.#names.order}`;
  }

  #tell(why: string): void {
    if (why === this.#told) return;
    this.#told = why;
    this.#logger?.warn?.(
      `the order log in NATS takes no entry (${why}): until it does, no client can connect or subscribe`,
      { error: why },
    );
  }
}
