/** Time a peer has to close its side after everything was sent to it. [B20] [B21] */
const LINGER_MS = 750;
/** The same while there is still something to send. */
const LINGER_UNSENT_MS = 10_000;

/** What a stream, or a link without one, says of what waits in it. */
export interface Ended {
  /** Bytes that have not left yet. */
  readonly writableLength: number;
  destroy(): void;
}

/** Sockets we have ended and whose peers have not: one list, instead of a timer for each. */
export class Lingering {
  /** In the order of ending, with the time of it. */
  readonly #sockets = new Map<Ended, number>();
  #whenEmpty: (() => void)[] = [];

  get size(): number {
    return this.#sockets.size;
  }

  add(socket: Ended, nowMs: number): void {
    this.#sockets.set(socket, nowMs);
  }

  /** It has closed. */
  remove(socket: Ended): void {
    if (!this.#sockets.delete(socket) || this.#sockets.size > 0) return;
    const waiting = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of waiting) resolve();
  }

  /** Destroys those whose peers had time enough. Cost: those that are due, and those not yet sent. */
  sweep(nowMs: number): void {
    for (const [socket, sinceMs] of this.#sockets) {
      if (sinceMs + LINGER_MS > nowMs) return;
      const isSent = socket.writableLength === 0;
      if (isSent || sinceMs + LINGER_UNSENT_MS <= nowMs) socket.destroy();
    }
  }

  destroyAll(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  /** Resolves when all of them have closed. */
  whenEmpty(): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }
}
