import { nowMs } from "../net/clock.js";

/** So many wait for the end of the present call only: whoever answers at once has its answer as soon. */
const AT_ONCE_MAX = 64;
/** With more of them, sockets are looked after every so many milliseconds. */
const ROUND_MS = 5;

/**
 * Calls for later, in order. A message to 80,000 Clients in this process is 80,000 calls: as microtasks
 * all of them would come before the next look at a socket. [T1]
 */
export class LaterCalls {
  readonly #runSome = (): void => this.#run();
  /** Those that are no microtasks; they come behind all that are. */
  #calls: (() => void)[] = [];
  #at = 0;
  #atOnceCount = 0;

  add(call: () => void): void {
    if (this.#calls.length === 0 && this.#atOnceCount < AT_ONCE_MAX) {
      this.#atOnceCount += 1;
      queueMicrotask(() => {
        this.#atOnceCount -= 1;
        call();
      });
      return;
    }
    this.#calls.push(call);
    if (this.#calls.length === 1) setImmediate(this.#runSome);
  }

  /** As long as a round may take. What a call throws does not keep the others from their turn. */
  #run(): void {
    const untilMs = nowMs() + ROUND_MS;
    try {
      do {
        const call = this.#calls[this.#at] as () => void; // below their number
        this.#at += 1;
        call();
      } while (this.#at < this.#calls.length && nowMs() < untilMs);
    } finally {
      if (this.#at < this.#calls.length) {
        setImmediate(this.#runSome);
      } else {
        this.#calls = [];
        this.#at = 0;
      }
    }
  }
}
