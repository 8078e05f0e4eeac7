/** The minutes over which loads are averaged, as Mosquitto has them. */
export const LOAD_MINUTES = [1, 5, 15] as const;

/**
 * How much of something a minute: averages that forget exponentially, as the load average of a machine
 * does.
 */
export class Load {
  #last: number | undefined;
  readonly #averages = LOAD_MINUTES.map(() => 0);

  /** @param total - All there was since the start, now. @param seconds - Since the last call. */
  add(total: number, seconds: number): void {
    const before = this.#last ?? 0;
    this.#last = total;
    if (seconds <= 0) return;
    const perMinute = ((total - before) / seconds) * SECONDS_A_MINUTE;
    LOAD_MINUTES.forEach((minutes, at) => {
      const keeps = Math.exp(-seconds / (minutes * SECONDS_A_MINUTE));
      const average = this.#averages[at] ?? 0;
      this.#averages[at] = perMinute + keeps * (average - perMinute);
    });
  }

  /** In the order of {@link LOAD_MINUTES}. */
  get averages(): readonly number[] {
    return this.#averages;
  }
}

const SECONDS_A_MINUTE = 60;
