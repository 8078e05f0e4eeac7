import { headers, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { APPEND_TERM_MS, type KeptRecord } from "../cluster/fabric.js";
import type { Logger } from "../log/logger.js";
import { type ClusterNames, retainedSubject } from "./names.js";
import { pubAckIn } from "./pub-ack.js";
import { messageOf } from "./words.js";

/** On a record that says that a topic has no retained message any more. */
export const REMOVAL_HEADER = "Beeline-Removal";
/** By which the server knows a record again that it has already. */
const ID_HEADER = "Nats-Msg-Id";
/** So long NATS has for its answer: within the term of the port. */
const ANSWER_MS = APPEND_TERM_MS - 200;
/** A no does not come sooner: whoever tries again at once would spin. */
const NO_AFTER_MS = 100;

/** Puts records into the log of retained messages. */
export class RetainedAppending {
  stored = 0;
  unanswered = 0;
  readonly #nats: NatsConnection;
  readonly #names: ClusterNames;
  readonly #logger: Logger | undefined;
  /** What was said last, so that it is said once. */
  #told = "";

  constructor(nats: NatsConnection, names: ClusterNames, logger: Logger | undefined) {
    this.#nats = nats;
    this.#names = names;
    this.#logger = logger;
  }

  /**
   * @param node - Whose numbers they are.
   * @param done - Called once, later: the place of the record, or of its first copy; `undefined`: not known.
   */
  keep(
    node: string,
    record: KeptRecord,
    isConnected: boolean,
    done: (sequence: number | undefined) => void,
  ): void {
    if (!isConnected) {
      this.unanswered += 1;
      setTimeout(done, NO_AFTER_MS, undefined);
      return;
    }
    // The library reads the bytes after this turn.
    void this.#keep(node, { ...record, bytes: record.bytes.slice() }, done);
  }

  async #keep(
    node: string,
    { key, number, isRemoval, bytes }: KeptRecord,
    done: (sequence: number | undefined) => void,
  ): Promise<void> {
    const startMs = performance.now();
    const given = headers();
    given.set(ID_HEADER, `${node}.${number}`);
    if (isRemoval) given.set(REMOVAL_HEADER, "1");
    let why: string;
    try {
      const subject = retainedSubject(this.#names, key);
      const setting = { timeout: ANSWER_MS, headers: given };
      const sequence = this.#sequenceIn(await this.#nats.request(subject, bytes, setting));
      if (typeof sequence === "number") {
        this.stored += 1;
        this.#told = "";
        done(sequence);
        return;
      }
      why = sequence;
    } catch (error) {
      why = messageOf(error);
    }
    this.unanswered += 1;
    this.#tell(why);
    const waitMs = Math.max(0, NO_AFTER_MS - (performance.now() - startMs));
    setTimeout(done, waitMs, undefined);
  }

  /** @returns the sequence, or what is wrong. */
  #sequenceIn(answer: Msg): number | string {
    const ack = pubAckIn(answer, this.#names.retainedStream);
    if (ack.kind === "stored") return ack.sequence;
    return ack.kind === "error" ? ack.why : "something other than JetStream answers";
  }

  #tell(why: string): void {
    if (why === this.#told) return;
    this.#told = why;
    this.#logger?.warn?.(
      `the log of retained messages in NATS takes nothing (${why}): until it does, who publishes a retained ` +
        "message at QoS 1 or 2 is not acknowledged",
      { error: why },
    );
  }
}
