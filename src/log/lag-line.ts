/** As late as `/healthz` takes by default: then somebody has to know why clients complain. */
const LATE_MS = 5_000;
/** A process that is late once is late again in the next second: one line says it of all. */
const EVERY_MS = 60_000;

/** Tells that the event loop was late, at most once a minute. */
export class LagLine {
  readonly #tell: (lagMs: number) => void;
  readonly #nowMs: () => number;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(tell: (lagMs: number) => void, nowMs: () => number) {
    this.#tell = tell;
    this.#nowMs = nowMs;
  }

  /** @param lagMs - The longest of the last seconds. */
  look(lagMs: number): void {
    if (lagMs < LATE_MS || this.#nowMs() - this.#toldMs < EVERY_MS) return;
    this.#toldMs = this.#nowMs();
    this.#tell(lagMs);
  }
}
