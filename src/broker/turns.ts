import { closeConnection } from "../handling/closing.js";
import { afterCommit } from "../handling/connecting.js";
import { boundUnfinished, onReceived } from "../handling/packets.js";
import { sendReceipts } from "../handling/receipts.js";
import { release } from "../handling/releasing.js";
import { charge } from "../handling/throttling.js";
import { UsageError } from "../protocol/errors.js";
import { stopReadingDeaf } from "../sending/outgoing.js";
import { Connection, Phase } from "../state/connection.js";
import type { Core, TurnRunner } from "../state/core.js";
import { isStoppedFor, StopReason } from "../state/reading.js";
import type { Task } from "../state/task.js";

/** What it costs to look whether a connection has something to release. */
const RELEASE_UNITS = 1;

/** What every turn begins and ends with. */
export class Turns implements TurnRunner {
  #core: Core | undefined;
  #isOpen = false;
  /** Who held something when something was settled, and how far they are done. */
  #toRelease: readonly Connection[] = [];
  #releasedTo = 0;
  #isSettledSince = false;

  /** The tables the turns work on: given once, for they refer to each other. */
  serve(core: Core): void {
    this.#core = core;
  }

  /** Whether a turn is under way. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What the turn under way may do. */
  #units = 0;

  /** Inputs are only taken down: their turns have no work left. */
  isPostponing = false;

  /** A whole turn. `receive` does without, to make no closure for each chunk. */
  run<T>(nowMs: number, work: () => T): T {
    this.begin(nowMs);
    try {
      return work();
    } finally {
      this.end();
    }
  }

  /** The same with so much work, by default all that a turn may do. */
  runWhole(nowMs: number, work: () => void, units = this.#tables.limits.workPerTurnMax): void {
    this.begin(nowMs);
    this.#units = units;
    this.#tables.workLeft = units;
    try {
      work();
    } finally {
      this.end();
    }
  }

  /** A slice of what is left of somebody's work. */
  goOn(nowMs: number, next: Connection | Task, units?: number): void {
    const goOn = (): void => {
      if (next instanceof Connection) this.#goOnWith(next);
      else if (!next.proceed()) this.#tables.busy.add(next);
    };
    this.runWhole(nowMs, goOn, units);
  }

  /** What it has begun, then what it has sent behind that; it is read again when nothing is left. */
  #goOnWith(connection: Connection): void {
    const core = this.#tables;
    if (connection.phase === Phase.DOOMED) {
      closeConnection(core, connection, connection.doomReason ?? "internal-error");
      return;
    }
    try {
      if (connection.task?.proceed() === false) {
        core.busy.add(connection);
        this.noteUsage(connection);
        return;
      }
      connection.task = undefined;
      this.advance(connection);
      stopReadingDeaf(core, connection);
      this.noteUsage(connection);
    } catch (error) {
      core.doomForError(connection, error);
    }
    if (connection.phase < Phase.DOOMED && !core.isPostponed(connection)) {
      if (isStoppedFor(connection, StopReason.GONE)) core.doom(connection, "connection-lost");
      else core.readAgain(connection, StopReason.BUDGET);
    }
  }

  /** Counts what this turn has done for a connection. */
  noteUsage(connection: Connection): void {
    const { usage, workLeft } = this.#tables;
    if (!this.isPostponing) usage.note(connection, this.#units - workLeft);
  }

  /** Starts a turn; {@link end} must follow whatever happens. */
  begin(nowMs: number): void {
    if (this.#isOpen) {
      throw new UsageError(
        "the engine was called from inside one of its own turns (a hook or an event); call it later",
      );
    }
    this.#isOpen = true;
    const core = this.#tables;
    core.nowMs = nowMs;
    this.#units = this.isPostponing ? 0 : core.limits.workPerTurnMax;
    core.workLeft = this.#units;
  }

  /** Closes who is doomed, and seals what was recorded. */
  end(): void {
    const core = this.#tables;
    const { store, obligations } = core;
    try {
      this.#finish(core);
      while (store.recorded || obligations.addedNow > 0) {
        // A home that commits at once lets go of what waited, which may record more.
        const ticket = store.seal();
        obligations.turnEnded();
        if (ticket > store.committedTicket) break;
        this.release();
        this.#finish(core);
      }
    } finally {
      this.#isOpen = false;
      core.turnEnded();
    }
  }

  /** Closes who is doomed, and sends the receipts that all this has made due. [P20] */
  #finish(core: Core): void {
    this.#closeDoomed(core);
    while (!core.dueReceipts.isEmpty) {
      sendReceipts(core);
      this.#closeDoomed(core);
    }
  }

  /**
   * Sends what waited and need not any more, as far as the turn goes: {@link releaseMore} does the rest.
   * Inside a turn.
   */
  release(): void {
    const core = this.#tables;
    this.#closeFailed(core);
    // Those it has passed by may be due now: it goes round once more.
    if (this.isReleasing) this.#isSettledSince = true;
    else this.#toRelease = [...core.holding];
    this.releaseMore();
    core.obligations.tellSettled();
    core.durableWaits.tellDue();
  }

  /** Whether {@link releaseMore} has anything to do. */
  get isReleasing(): boolean {
    return this.#toRelease.length > 0;
  }

  /** Goes on with {@link release}: somebody always, and no more than the turn has left. Inside a turn. */
  releaseMore(): void {
    const core = this.#tables;
    while (this.isReleasing) {
      const connection = this.#toRelease[this.#releasedTo] as Connection; // below its length
      core.workLeft -= RELEASE_UNITS;
      if (this.#releaseOne(core, connection)) this.#releasedTo += 1;
      if (this.#releasedTo === this.#toRelease.length) {
        this.#toRelease = this.#isSettledSince ? [...core.holding] : [];
        this.#releasedTo = 0;
        this.#isSettledSince = false;
      }
      if (core.workLeft <= 0) return;
    }
  }

  /** @returns false: the turn was not enough for what it has. */
  #releaseOne(core: Core, connection: Connection): boolean {
    if (!core.holding.has(connection)) return true;
    if (connection.connecting === undefined) return release(core, connection);
    afterCommit(core, connection);
    return true;
  }

  advance(connection: Connection, byteCount = 0): void {
    const core = this.#tables;
    const { messagesReceived } = core.stats;
    onReceived(core, connection);
    charge(core, connection, core.stats.messagesReceived - messagesReceived, byteCount);
    boundUnfinished(core, connection);
  }

  /** Whoever waits for what has failed gets no acknowledgement, but a closed connection. [MQTT-4.8.0-2] */
  #closeFailed(core: Core): void {
    const failed = core.obligations.takeFailed();
    if (failed.length === 0) return;
    for (const { owner } of failed) {
      if (owner !== undefined) core.doom(owner, "forward-failed");
    }
    core.obligations.tellFailed(failed);
    this.#closeDoomed(core);
  }

  /**
   * Closing publishes Wills, which may doom others: until nobody is left [F08], or as far as the turn
   * goes: nothing is sent to the others any more.
   */
  #closeDoomed(core: Core): void {
    for (let next = core.nextDoomed(); next !== undefined; next = core.nextDoomed()) {
      if (core.workLeft <= 0) core.busy.add(next);
      else closeConnection(core, next, next.doomReason ?? "internal-error");
    }
  }

  get #tables(): Core {
    return this.#core as Core; // `serve` is called right after the constructor
  }
}
