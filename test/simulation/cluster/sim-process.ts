/** One process: it may be stopped for a while, and goes on with what has come meanwhile; or die. */
export class SimProcess {
  readonly name: string;
  isAlive = true;
  isPaused = false;
  #waiting: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Runs something in this process: now, when it goes on, or never. */
  run(work: () => void): void {
    if (!this.isAlive) return;
    if (this.isPaused) this.#waiting.push(work);
    else work();
  }

  pause(): void {
    this.isPaused = true;
  }

  /** It goes on, with everything at once. */
  goOn(): void {
    this.isPaused = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const work of waiting) this.run(work);
  }

  die(): void {
    this.isAlive = false;
    this.#waiting = [];
  }
}
