import type { Operation } from "./backend.js";
import { metaKey } from "./keys.js";
import { encodeJson } from "./records.js";
import { seal } from "./seal.js";
import type { Times } from "./times.js";

/** Where the number given out last is kept. */
export const NEXT_KEY = metaKey("next-key");
/** Where the time of the store is kept. */
export const TIME_KEY = metaKey("time");

/** The time of the store is written down again when it is this much older than now. */
const KEEP_TIME_MS = 60_000;

/** A number under a key of its own, sealed. */
export function numberRecord(key: Uint8Array, number: number): Buffer {
  return seal(key, encodeJson(number));
}

/** What a store writes about itself: the number it gave out last, and its time. */
export class Numbers {
  readonly #times: Times;
  readonly #nowMs: (() => number) | undefined;
  #last: number;
  /** The one that is durable. */
  #stored: number;
  /** The one in the commit that is under way. */
  #written: number;
  /** The engine's time when the time was written last. */
  #timeKeptMs = Number.NEGATIVE_INFINITY;

  /**
   * @param stored - The number given out last by earlier runs.
   * @param nowMs - The engine's clock; without it no time is kept.
   */
  constructor(stored: number, times: Times, nowMs: (() => number) | undefined) {
    this.#times = times;
    this.#nowMs = nowMs;
    this.#last = stored;
    this.#stored = stored;
    this.#written = stored;
  }

  /** One that was never given out. */
  next(): number {
    this.#last += 1;
    return this.#last;
  }

  /** Whether something may be stored under a number already. */
  isStored(number: number): boolean {
    return number <= this.#stored;
  }

  get isTimeDue(): boolean {
    return this.#nowMs !== undefined && this.#nowMs() - this.#timeKeptMs >= KEEP_TIME_MS;
  }

  /** The time is to be written with the next commit. */
  forgetTime(): void {
    this.#timeKeptMs = Number.NEGATIVE_INFINITY;
  }

  /** Appends what has changed. */
  write(operations: Operation[]): void {
    if (operations.length > 0 && this.#last !== this.#stored) {
      this.#written = this.#last;
      operations.push(put(NEXT_KEY, this.#last));
    }
    if (this.#nowMs === undefined || !this.isTimeDue) return;
    this.#timeKeptMs = this.#nowMs();
    operations.push(put(TIME_KEY, this.#times.toStored(this.#timeKeptMs)));
  }

  /** What was written is durable. */
  committed(): void {
    this.#stored = this.#written;
  }

  /** It is not. */
  failed(): void {
    this.#written = this.#stored;
    this.forgetTime();
  }
}

function put(key: Uint8Array, number: number): Operation {
  return { kind: "put", key, value: numberRecord(key, number) };
}
