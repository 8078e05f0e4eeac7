/** Counted in seconds: what is left out is told once in each. */
const WINDOW_MS = 1_000;

/**
 * So many lines of each kind a second, whoever causes them: a flood of bad Clients fills no disk, and
 * one kind of line does not keep the others out.
 */
export class LineBudget<Kind extends string> {
  readonly #linesMax: (kind: Kind) => number;
  readonly #onLeftOut: (counts: ReadonlyMap<Kind, number>) => void;
  readonly #written = new Map<Kind, number>();
  readonly #leftOut = new Map<Kind, number>();
  #sinceMs = Number.NEGATIVE_INFINITY;
  #leftOutEver = 0;

  /**
   * @param linesMax - Lines of a kind in a second; asked for each line, so that it may change.
   * @param onLeftOut - Told after a second in which lines were left out how many of each kind.
   */
  constructor(
    linesMax: (kind: Kind) => number,
    onLeftOut: (counts: ReadonlyMap<Kind, number>) => void,
  ) {
    this.#linesMax = linesMax;
    this.#onLeftOut = onLeftOut;
  }

  /** Lines left out since the start. */
  get leftOut(): number {
    return this.#leftOutEver;
  }

  /** Whether a line of this kind may be written now; if not, it is counted. */
  takes(kind: Kind, nowMs: number): boolean {
    this.tick(nowMs);
    const written = this.#written.get(kind) ?? 0;
    const fits = written < this.#linesMax(kind);
    const counts = fits ? this.#written : this.#leftOut;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (!fits) this.#leftOutEver += 1;
    return fits;
  }

  /** Time passes: ends the second when it is over. */
  tick(nowMs: number): void {
    if (nowMs - this.#sinceMs < WINDOW_MS) return;
    this.#sinceMs = nowMs;
    this.end();
  }

  /** Tells what was left out so far, and begins anew. */
  end(): void {
    this.#written.clear();
    if (this.#leftOut.size === 0) return;
    this.#onLeftOut(this.#leftOut);
    this.#leftOut.clear();
  }
}
