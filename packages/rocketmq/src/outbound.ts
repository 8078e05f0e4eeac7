import { type Adapter, type Outgoing, UnsendableError, wordsOf } from "./adapter.js";
import type { Tally } from "./counts.js";
import type { TroubleLog } from "./trouble-log.js";
import { Pauses } from "./waiting.js";

export interface OutboundOptions {
  /** Messages under way to RocketMQ at a time. */
  readonly inFlightMax: number;
  /** Bounds on what waits; payloads count for bytes. */
  readonly pendingMax: number;
  readonly pendingBytesMax: number;
  /** How long one message is tried again. */
  readonly sendTimeoutMs: number;
}

/** A message on its way to RocketMQ. */
export interface Sending {
  readonly message: Outgoing;
  /** Messages with the same key go one after the other: see {@link Outbound}. */
  readonly key: string | undefined;
  /** Told once: `undefined` when RocketMQ has it. */
  readonly tell: (failure: Error | undefined) => void;
}

interface Waiting extends Sending {
  /** By a clock that nobody sets. */
  readonly untilMs: number;
}

const PAUSE_MS = 100;
const PAUSE_MS_MAX = 2_000;

/**
 * Sends to RocketMQ, up to so many at a time, each again and again until it is taken or its time is
 * over. What waits has a bound.
 *
 * With a key, order is kept: a message goes when the one before it has arrived. When one is given up,
 * those that wait behind it under that key are given up, too; their sender repeats them in order.
 */
export class Outbound {
  readonly #adapter: Pick<Adapter, "send">;
  readonly #options: OutboundOptions;
  readonly #tally: Tally;
  readonly #log: TroubleLog;
  #queue: Waiting[] = [];
  #head = 0;
  /** What waits behind a message under way, by key. */
  readonly #chains = new Map<string, Waiting[]>();
  #inFlight = 0;
  #pending = 0;
  #pendingBytes = 0;
  /** Why the last try failed; `undefined`: it did not. */
  failure: string | undefined;
  #isClosed = false;
  #onIdle: (() => void) | undefined;
  readonly #pauses = new Pauses();

  constructor(
    adapter: Pick<Adapter, "send">,
    options: OutboundOptions,
    tally: Tally,
    log: TroubleLog,
  ) {
    this.#adapter = adapter;
    this.#options = options;
    this.#tally = tally;
    this.#log = log;
  }

  get pending(): number {
    return this.#pending;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** @returns why not, in words; then nobody is told. */
  add(sending: Sending): string | undefined {
    const { pendingMax, pendingBytesMax, sendTimeoutMs } = this.#options;
    if (this.#isClosed) return "the bridge to RocketMQ is closing";
    const { length } = sending.message.body;
    if (this.#pending >= pendingMax || this.#pendingBytes + length > pendingBytesMax) {
      return "too many messages wait for RocketMQ";
    }
    this.#pending += 1;
    this.#pendingBytes += length;
    const waiting: Waiting = { ...sending, untilMs: performance.now() + sendTimeoutMs };
    const chain = sending.key === undefined ? undefined : this.#chains.get(sending.key);
    if (chain !== undefined) {
      chain.push(waiting);
      return undefined;
    }
    if (sending.key !== undefined) this.#chains.set(sending.key, []);
    this.#queue.push(waiting);
    this.#goOn();
    return undefined;
  }

  /** Takes nothing more. What waits is tried for so long at most, then given up. */
  async close(ms: number): Promise<void> {
    this.#isClosed = true;
    if (this.#pending === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#onIdle = undefined;
    this.#pauses.end();
    const closing = new Error("the bridge to RocketMQ is closed");
    while (this.#head < this.#queue.length) this.#end(this.#take(), closing);
  }

  #goOn(): void {
    while (this.#inFlight < this.#options.inFlightMax && this.#head < this.#queue.length) {
      this.#inFlight += 1;
      void this.#send(this.#take());
    }
  }

  /** O(1) amortised: what was taken is cut off when it is half of all. */
  #take(): Waiting {
    const waiting = this.#queue[this.#head] as Waiting; // whoever asks has seen that there is one
    this.#head += 1;
    if (this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return waiting;
  }

  async #send(waiting: Waiting): Promise<void> {
    const failure = await this.#try(waiting);
    this.#inFlight -= 1;
    this.#end(waiting, failure);
    this.#goOn();
  }

  async #try({ message, untilMs }: Waiting): Promise<Error | undefined> {
    let pauseMs = PAUSE_MS;
    for (;;) {
      try {
        await this.#adapter.send(message);
        this.#arrived();
        return undefined;
      } catch (error) {
        this.#failed(error);
        if (error instanceof UnsendableError) return error;
        const isLate = performance.now() + pauseMs > untilMs;
        if (isLate || (this.#isClosed && this.#onIdle === undefined)) {
          return new Error(`RocketMQ did not take it: ${wordsOf(error)}`);
        }
      }
      await this.#pauses.wait(pauseMs);
      pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2);
    }
  }

  #arrived(): void {
    this.#tally.sent += 1;
    if (this.failure === undefined) return;
    this.failure = undefined;
    this.#log.over("sending", "RocketMQ takes messages again");
  }

  #failed(error: unknown): void {
    this.#tally.failed += 1;
    const why = wordsOf(error);
    if (error instanceof UnsendableError) {
      this.#log.warn("unsendable", `RocketMQ will never take a message of a client: ${why}`);
      return;
    }
    this.failure = why;
    const waiting = `${this.#pending} messages wait, and it is tried again`;
    this.#log.warn("sending", `RocketMQ did not take a message: ${why}; ${waiting}`);
  }

  #end(waiting: Waiting, failure: Error | undefined): void {
    const { key, tell, message } = waiting;
    this.#pending -= 1;
    this.#pendingBytes -= message.body.length;
    tell(failure);
    if (key !== undefined) this.#next(key, failure);
    if (this.#pending === 0) this.#onIdle?.();
  }

  /** One that can never be sent keeps nobody waiting: its sender does not repeat it. */
  #next(key: string, failure: Error | undefined): void {
    const chain = this.#chains.get(key) ?? [];
    const isGivenUp = failure !== undefined && !(failure instanceof UnsendableError);
    if (isGivenUp) {
      this.#chains.delete(key);
      for (const { tell, message } of chain) {
        this.#pending -= 1;
        this.#pendingBytes -= message.body.length;
        tell(failure);
      }
      return;
    }
    const next = chain.shift();
    if (next === undefined) this.#chains.delete(key);
    else this.#queue.push(next);
  }
}
