import type { ClientDirectory, ClientSession } from "./client-directory.js";

/** What waits in all Sessions together. */
export interface QueueTotals {
  /** Sent at QoS 1 or 2, and not acknowledged yet. */
  readonly inFlight: number;
  readonly queued: number;
  readonly queuedBytes: number;
}

const NOTHING: QueueTotals = { inFlight: 0, queued: 0, queuedBytes: 0 };

/**
 * Adds up what waits in all Sessions, some at a time: nothing is counted where messages pass, and no
 * number of Sessions makes anybody wait. The sum is as old as its last round.
 */
export class QueueSurvey {
  readonly #directory: ClientDirectory;
  #round: Iterator<ClientSession> | undefined;
  #inFlight = 0;
  #queued = 0;
  #queuedBytes = 0;
  #totals = NOTHING;

  constructor(directory: ClientDirectory) {
    this.#directory = directory;
  }

  /** Looks at so many Sessions more. @returns what the last whole round has found. O(sessionsMax). */
  go(sessionsMax: number): QueueTotals {
    this.#round ??= this.#directory.sessions();
    for (let looked = 0; looked < sessionsMax; looked += 1) {
      const { value, done } = this.#round.next();
      if (done === true) {
        this.#endRound();
        break;
      }
      const { outbound } = value;
      this.#inFlight += outbound.inFlightCount;
      this.#queued += outbound.queuedCount;
      this.#queuedBytes += outbound.queuedBytes;
    }
    return this.#totals;
  }

  #endRound(): void {
    this.#totals = {
      inFlight: this.#inFlight,
      queued: this.#queued,
      queuedBytes: this.#queuedBytes,
    };
    this.#inFlight = 0;
    this.#queued = 0;
    this.#queuedBytes = 0;
    this.#round = undefined;
  }
}
