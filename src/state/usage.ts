import type { Connection } from "./connection.js";

/** How long what a Client has used counts, in ms. */
const WINDOW_MS = 1_000;

/** The Client that has caused most work in the last whole second. */
export interface Busiest {
  readonly clientId: string;
  /** Units of work, as in `limits.workPerTurnMax`. */
  readonly units: number;
}

/** Who causes most work. It decides nothing. O(1) for each turn, whatever the number of Clients. */
export class Usage {
  #window = 1;
  #sinceMs = 0;
  #most = 0;
  #mostBy: Connection | undefined;
  /** Of the last whole window; `undefined`: nobody accepted has done anything. */
  busiest: Busiest | undefined = undefined;

  /** A turn for this connection has ended. */
  note(connection: Connection, units: number): void {
    if (connection.usedIn !== this.#window) {
      connection.usedIn = this.#window;
      connection.usedUnits = 0;
    }
    connection.usedUnits += units;
    if (connection.usedUnits <= this.#most) return;
    this.#most = connection.usedUnits;
    this.#mostBy = connection;
  }

  /** Time passes: every second counts for itself. */
  tick(nowMs: number): void {
    if (nowMs - this.#sinceMs < WINDOW_MS) return;
    const clientId = this.#mostBy?.identity?.clientId;
    this.busiest = clientId === undefined ? undefined : { clientId, units: this.#most };
    this.#sinceMs = nowMs;
    this.#window += 1;
    this.#most = 0;
    this.#mostBy = undefined;
  }
}
