import type { Broker } from "../broker/broker.js";
import type { Limits } from "../ports/limits.js";
import { nowMs } from "./clock.js";
import { LoopLag } from "./loop-lag.js";

/** The clock is looked at between flushes of so many connections: each is a call of the system. */
const FLUSHED_PER_LOOK = 32;
/**
 * With more connections than this to flush, work that goes on by itself waits: a flush costs twenty
 * times what a delivery does, and what is written in one goes out in one.
 */
const UNFLUSHED_MAX = 2_048;

/**
 * How long the engine works before the sockets are looked at again: what has come, what is left of
 * earlier rounds, then the flush, each as long as `limits.roundMs` says.
 */
export class Round {
  readonly lag = new LoopLag();
  /** No input may reach the engine now. */
  isFlushing = false;
  /** Its inputs have taken as long as they may, and not all that were ready have been heard. */
  isOver = false;
  readonly #engine: Broker;
  readonly #onError: (error: unknown) => void;
  readonly #limits: Pick<Limits, "roundMs">;
  /** When its first input came; 0: none has. */
  #sinceMs = 0;
  /** When what is left must stop for this time. */
  #untilMs = 0;
  readonly #isLate = (): boolean => nowMs() >= this.#untilMs;

  constructor(engine: Broker, onError: (error: unknown) => void, limits: Pick<Limits, "roundMs">) {
    this.#engine = engine;
    this.#onError = onError;
    this.#limits = limits;
  }

  /**
   * The time of an input. When those of this round have taken as long as they may, what else comes is
   * only taken down: sockets are not looked at again before all that are ready have been heard.
   */
  hear(): number {
    const now = nowMs();
    if (this.#sinceMs === 0) this.#sinceMs = now;
    else if (now - this.#sinceMs > this.#limits.roundMs) {
      this.isOver = true;
      this.#engine.isPostponing = true;
    }
    return now;
  }

  /** All that was ready has been heard: inputs are worked on again. */
  heard(): void {
    this.isOver = false;
    this.#engine.isPostponing = false;
  }

  /** Goes on with what is left, in turn, and flushes: until nothing is left or the round is over. */
  end(): void {
    const sinceMs = this.#sinceMs;
    this.#sinceMs = 0;
    if (this.#engine.needsWork) this.#workUntil((sinceMs || nowMs()) + this.#limits.roundMs);
    this.flushInTime();
    if (sinceMs === 0) return;
    const now = nowMs();
    this.lag.note(now - sinceMs, now);
  }

  /** Flushes in portions until nothing is left or as long as a round may take. */
  flushInTime(): void {
    const engine = this.#engine;
    if (engine.unflushedCount <= FLUSHED_PER_LOOK) {
      this.flush();
      return;
    }
    const untilMs = nowMs() + this.#limits.roundMs;
    do {
      this.flush(FLUSHED_PER_LOOK);
    } while (engine.unflushedCount > 0 && nowMs() < untilMs);
  }

  /** A Link that calls back while it is flushed finds {@link isFlushing}, and waits. */
  flush(countMax?: number): void {
    this.isFlushing = true;
    try {
      this.#engine.flush(countMax);
    } catch (error) {
      this.#onError(error);
    } finally {
      this.isFlushing = false;
    }
  }

  #workUntil(untilMs: number): void {
    const engine = this.#engine;
    this.#untilMs = untilMs;
    if (engine.promptCount > 0) this.flush(engine.promptCount);
    while (this.#work() && engine.needsWork && engine.unflushedCount < UNFLUSHED_MAX) {
      if (this.#isLate()) return;
    }
  }

  /** @returns false: it met a bug of ours, and goes on in the next round. */
  #work(): boolean {
    try {
      this.#engine.work(nowMs(), this.#isLate);
      return true;
    } catch (error) {
      this.#onError(error);
      return false;
    }
  }
}
