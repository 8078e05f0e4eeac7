import type { Broker } from "../broker/broker.js";
import { DEFAULT_LIMITS, type Limits } from "../ports/limits.js";
import type { Link } from "../ports/link.js";
import type { NetworkConnection } from "../ports/network-connection.js";
import { nowMs } from "./clock.js";
import type { LoopLag } from "./loop-lag.js";
import { memoryPercent } from "./memory-use.js";
import { Round } from "./round.js";

/**
 * Read events of one event-loop turn that flush at once; later ones wait for the turn's end. Few
 * events keep the latency of a write per message, many share one write per connection.
 */
const FLUSHES_AT_ONCE = 4;
/**
 * An event that has touched more connections than this waits as well: messages from others are
 * likely to go to the same ones. CPU time with ten publishers to 100 receivers of 100,000 topics:
 * 0.43 of what it takes without this bound.
 */
const CONNECTIONS_AT_ONCE = 8;
/** A Link that an {@link EngineLoop} serves. */
export interface ServedLink extends Link {
  /** Kept by the loop: there from {@link opened} until the engine has heard of the end. */
  connection: NetworkConnection | undefined;
  /** The engine has a connection for it: bytes may come. */
  opened(): void;
  /** Drops the transport at once. */
  destroy(): void;
}

/** What a transport tells, besides bytes. */
const Input = { DRAINED: 0, CLOSED: 1 } as const;
type Input = (typeof Input)[keyof typeof Input];

/**
 * The one way into the engine, for every transport and for its owner: a call goes in at once, or
 * right after the present turn or flush. It knows when the engine flushes, and nothing that is thrown
 * gets past it: a bug of ours costs the connection that met it, not the process.
 *
 * One for each engine.
 */
export class EngineLoop {
  readonly #engine: Broker;
  readonly #runScheduled = (): void => this.#endOfLoopTurn();
  /** Told what should never be thrown: by a deferred call, by the engine, by a link. */
  readonly #onError: (error: unknown) => void;
  readonly #round: Round;
  #flushedReads = 0;
  #isClosed = false;
  #isScheduled = false;
  #isInRound = false;
  #isRunningDeferred = false;
  #deferred: (() => void)[] = [];

  /** @param limits - Of the engine. */
  constructor(
    engine: Broker,
    onError: (error: unknown) => void,
    limits: Pick<Limits, "roundMs"> = DEFAULT_LIMITS,
  ) {
    this.#engine = engine;
    this.#onError = onError;
    this.#round = new Round(engine, onError, limits);
  }

  /** How long connections have had to wait for the loop. */
  get lag(): LoopLag {
    return this.#round.lag;
  }

  /** The longest of them, of the last two seconds. */
  get lagMs(): number {
    return this.#round.lag.longestMs;
  }

  /** Whether inputs are only taken down by now: what can wait for the next round does. */
  get isRoundOver(): boolean {
    return this.#round.isOver;
  }

  /** Whether the engine can take no input now. */
  get isBusy(): boolean {
    return this.#engine.inTurn || this.#round.isFlushing;
  }

  /** Opens a connection: now, or right after the present turn. After {@link close} it is destroyed. */
  open(link: ServedLink): void {
    if (this.isBusy) {
      this.#defer(() => this.open(link));
    } else if (this.#isClosed) {
      link.destroy();
    } else {
      this.#open(link);
      this.afterCall();
    }
  }

  #open(link: ServedLink): void {
    try {
      link.connection = this.#engine.open(link, nowMs());
      link.opened();
    } catch (error) {
      this.#onError(error);
      link.destroy();
    }
  }

  /** Bytes came from the peer. They are read in place, or kept as they are until the engine is free. */
  receive(link: ServedLink, bytes: Uint8Array): void {
    const { connection } = link;
    if (connection === undefined) return;
    if (this.isBusy) {
      this.#defer(() => this.receive(link, bytes));
      return;
    }
    try {
      connection.receive(bytes, this.#round.hear());
    } catch (error) {
      this.#onError(error);
      link.destroy();
    }
    this.#afterRead();
  }

  /**
   * Bytes came that the caller writes over when this returns: what is unfinished is copied. Only
   * between {@link beginRound} and {@link endRound}, which flushes.
   */
  receiveShared(link: ServedLink, bytes: Uint8Array): void {
    const { connection } = link;
    if (connection === undefined) return;
    if (this.isBusy) {
      this.receive(link, new Uint8Array(bytes));
      return;
    }
    try {
      connection.receive(bytes, this.#round.hear());
      connection.keepUnread();
    } catch (error) {
      this.#onError(error);
      link.destroy();
    }
    if (this.#deferred.length > 0) this.#runDeferred();
  }

  /** Several inputs follow at once: they are flushed together. */
  beginRound(): void {
    this.#isInRound = true;
  }

  /** All inputs of the round have come: one flush for each connection that they touched. */
  endRound(): void {
    this.#isInRound = false;
    if (this.#deferred.length > 0) this.#runDeferred();
    this.#round.heard();
    this.#round.end();
    this.#scheduleIfLeft();
  }

  /** The peer has taken something of what was unsent. */
  drained(link: ServedLink): void {
    this.#tell(link, Input.DRAINED);
  }

  /** The transport is gone. Only the first call counts. */
  closed(link: ServedLink): void {
    this.#tell(link, Input.CLOSED);
  }

  /** Runs what starts a turn, now or right after the present one. What it throws comes back only now. */
  run(call: () => void): void {
    if (this.isBusy) {
      this.#defer(call);
      return;
    }
    call();
    this.afterCall();
  }

  /** A turn has ended that this loop has not begun. */
  afterCall(): void {
    if (this.#deferred.length > 0 && !this.isBusy) this.#runDeferred();
    if (this.#isInRound) return; // its end sees to the rest
    if (this.#engine.unflushedCount > 0 || this.#engine.needsWork) this.#schedule();
  }

  /** Time has passed. */
  tick(): void {
    try {
      this.#engine.tick(nowMs(), memoryPercent());
    } catch (error) {
      this.#onError(error);
    }
    if (!this.isBusy) this.#round.flushInTime();
    this.afterCall();
  }

  /** Flushes now. */
  flush(): void {
    if (!this.isBusy) this.#round.flush();
  }

  /** Closes all connections, and opens no more. */
  close(): void {
    this.#isClosed = true;
    this.#engine.close(nowMs());
    this.afterCall(); // what listeners have asked for meanwhile
  }

  /** One for both inputs, and without a closure as long as the engine is free. */
  #tell(link: ServedLink, input: Input): void {
    const { connection } = link;
    if (connection === undefined) return;
    if (this.isBusy) {
      this.#defer(() => this.#tell(link, input));
      return;
    }
    const now = this.#round.hear();
    try {
      if (input === Input.DRAINED) {
        connection.drained(now);
      } else {
        link.connection = undefined;
        connection.closed(now);
      }
    } catch (error) {
      this.#onError(error);
      link.destroy();
    }
    this.afterCall();
    if (!this.#isInRound) this.#schedule(); // the round has begun, and must end
  }

  /** Runs a call right after the present turn or flush, in order. */
  #defer(call: () => void): void {
    this.#deferred.push(call);
    this.#schedule();
  }

  /** A turn caused by bytes from a peer has ended. */
  #afterRead(): void {
    if (this.#deferred.length > 0) this.#runDeferred();
    const { promptCount } = this.#engine;
    if (
      this.#flushedReads < FLUSHES_AT_ONCE &&
      promptCount > 0 &&
      promptCount <= CONNECTIONS_AT_ONCE
    ) {
      this.#flushedReads += 1;
      this.#round.flush(promptCount);
    }
    this.#schedule();
  }

  #scheduleIfLeft(): void {
    const { needsWork, unflushedCount } = this.#engine;
    if (needsWork || unflushedCount > 0 || this.#deferred.length > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#runScheduled);
  }

  #endOfLoopTurn(): void {
    this.#isScheduled = false;
    this.#flushedReads = 0;
    this.#round.heard();
    if (this.#deferred.length > 0) this.#runDeferred();
    this.#round.end();
    this.#scheduleIfLeft();
  }

  /** What a deferred call defers comes next time: no call can keep the loop from going on. */
  #runDeferred(): void {
    if (this.#isRunningDeferred) return; // by one of them: the others keep their order
    const calls = this.#deferred;
    this.#deferred = [];
    this.#isRunningDeferred = true;
    for (const call of calls) {
      try {
        call();
      } catch (error) {
        this.#onError(error);
      }
    }
    this.#isRunningDeferred = false;
  }
}
