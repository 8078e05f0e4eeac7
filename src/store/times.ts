/**
 * Between the engine's monotonic time, which begins anew with each run, and the time of the store,
 * which goes on where the last run ended and stands still while no server runs. Ages are counted
 * from time that a server has seen pass: a clock that is set, in a run or between two, does not age
 * anything. [J10]
 */
export class Times {
  readonly #originMs: number;

  /** @param originMs - The time of the store when the engine's time was 0. */
  constructor(originMs: number) {
    this.#originMs = originMs;
  }

  /** 0 stands for "never" or "not" on both sides. */
  toStored(engineMs: number): number {
    return engineMs === 0 ? 0 : this.#originMs + engineMs;
  }

  toEngine(storedMs: number): number {
    return storedMs === 0 ? 0 : storedMs - this.#originMs;
  }
}
