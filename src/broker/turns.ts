import { attemptOf, decide, finishAcceptance } from "../handling/accepting.js";
import { closeConnection } from "../handling/closing.js";
import { onReceived } from "../handling/packets.js";
import { release } from "../handling/releasing.js";
import type { Verdict } from "../ports/policy.js";
import { ProtocolError, UsageError } from "../protocol/errors.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { deadlineOf } from "../state/deadlines.js";

/**
 * What every turn begins and ends with, and the two waits that split one CONNECT over several
 * turns: for `authenticate`, and for the Store.
 */
export class Turns {
  readonly #core: Core;
  #isOpen = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Whether a turn is under way. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** A whole turn. `receive` does without, to make no closure for each chunk. */
  run<T>(nowMs: number, work: () => T): T {
    this.begin(nowMs);
    try {
      return work();
    } finally {
      this.end();
    }
  }

  /** Starts a turn; {@link end} must follow whatever happens. */
  begin(nowMs: number): void {
    if (this.#isOpen) {
      throw new UsageError(
        "the engine was called from inside one of its own turns (a hook or an event); call it later",
      );
    }
    this.#isOpen = true;
    this.#core.nowMs = nowMs;
  }

  /** Closes who is doomed, and seals what was recorded. */
  end(): void {
    try {
      this.#closeDoomed();
      const { store } = this.#core;
      while (store.recorded) {
        // A home that commits at once lets go of what waited, which may record more.
        if (store.seal() > store.committedTicket) break;
        this.release();
        this.#closeDoomed();
      }
    } finally {
      this.#isOpen = false;
    }
  }

  /** Closing publishes Wills, which may doom others: until nobody is left. [F08] */
  #closeDoomed(): void {
    const core = this.#core;
    for (let next = core.nextDoomed(); next !== undefined; next = core.nextDoomed()) {
      closeConnection(core, next, next.doomReason ?? "internal-error");
    }
  }

  /** Sends what waited for the Store and is durable by now. */
  release(): void {
    const core = this.#core;
    const { committedTicket } = core.store;
    for (const connection of core.holding) {
      const { acceptance } = connection;
      if (acceptance === undefined) {
        release(core, connection);
      } else if (acceptance.ticket <= committedTicket) {
        finishAcceptance(core, connection);
        this.#goOn(connection);
      }
    }
  }

  /** Works on what a connection has received, and asks `authenticate` if that is due. */
  advance(connection: Connection): void {
    onReceived(this.#core, connection);
    const { phase, awaitsAnswer } = connection;
    if (phase === Phase.AUTHENTICATING && !awaitsAnswer) this.#authenticate(connection);
    if (this.#isWaiting(connection)) this.#boundPipelined(connection);
  }

  #isWaiting({ phase }: Connection): boolean {
    return phase === Phase.AUTHENTICATING || phase === Phase.COMMITTING;
  }

  /** Asks, and goes on in the same turn if the answer comes at once. */
  #authenticate(connection: Connection): void {
    const core = this.#core;
    const { attempt } = connection;
    if (attempt === undefined || core.policy.authenticate === undefined) return;
    connection.awaitsAnswer = true;
    core.wheel.schedule(connection, deadlineOf(core.limits, connection));
    let isLate = false;
    let isAnswered = false;
    const answer = (verdict: Verdict, nowMs: number): void => {
      if (isAnswered) return; // one outcome only [B18]
      isAnswered = true;
      if (!isLate) decide(core, connection, verdict);
      else if (connection.phase === Phase.AUTHENTICATING) {
        this.run(nowMs, () => {
          decide(core, connection, verdict);
          this.#goOn(connection);
        });
      }
    };
    try {
      core.policy.authenticate(attemptOf(connection, attempt), answer);
    } catch (error) {
      core.doomForError(connection, error);
    }
    isLate = true;
    this.#goOn(connection);
  }

  /** What waited behind CONNECT is worked on now, in order. [M20] [H11] */
  #goOn(connection: Connection): void {
    if (connection.phase !== Phase.ACCEPTED) return;
    if (connection.isWaiting) {
      connection.isWaiting = false;
      connection.link.resume();
    }
    this.advance(connection);
  }

  /**
   * The peer is not read while its CONNECT waits. A transport may still bring a little; one that
   * goes on for ever is cut off. [B17]
   */
  #boundPipelined(connection: Connection): void {
    if (!connection.isWaiting) {
      connection.isWaiting = true;
      connection.link.pause();
    }
    if (connection.reader.bufferedBytes > this.#core.limits.pipelinedBytesMax) {
      this.#core.doomForError(connection, new ProtocolError("packet-too-large"));
    }
  }
}
