import { CrashClient } from "../crash/client.js";

/** Longer than a node waits for the session of a client whose node is gone. */
const CONNECT_MAX_MS = 25_000;
const RETRY_MS = 100;

/** A client that keeps its session, and goes to the next node whenever it has no connection. */
export class RovingClient extends CrashClient {
  readonly #ports: readonly number[];
  #at: number;
  #triedMs = Number.NEGATIVE_INFINITY;

  constructor(
    clientId: string,
    filters: ConstructorParameters<typeof CrashClient>[1],
    ports: readonly number[],
    at: number,
  ) {
    super(clientId, filters);
    this.#ports = ports;
    this.#at = at;
  }

  /** To be called often. */
  rove(nowMs: number): void {
    if (this.isConnected || nowMs - this.#triedMs < RETRY_MS) return;
    if (this.hasConnection && nowMs - this.#triedMs < CONNECT_MAX_MS) return;
    this.#next(nowMs);
  }

  /** To another node, from one that works. */
  move(nowMs: number): void {
    if (this.isConnected) this.#next(nowMs);
  }

  #next(nowMs: number): void {
    this.lost();
    this.#triedMs = nowMs;
    this.#at = (this.#at + 1) % this.#ports.length;
    this.connect(this.#ports[this.#at] ?? 0);
  }
}
