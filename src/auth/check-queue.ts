/** There are as many checks as there may be: nobody can tell now who it is. */
export class QueueFullError extends Error {
  override readonly name = "QueueFullError";
}

/**
 * Runs some jobs at once and keeps others waiting, in order, up to a bound: a flood of CONNECTs fills
 * neither the memory nor the threads that others need. [M02] [I03]
 */
export class CheckQueue {
  readonly #atOnceMax: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(atOnceMax: number, waitingMax: number) {
    this.#atOnceMax = atOnceMax;
    this.#waitingMax = waitingMax;
  }

  /** Jobs that have not begun. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** @throws {@link QueueFullError}, as a rejection, when too many wait. */
  async run<T>(job: () => PromiseLike<T>): Promise<T> {
    if (this.#running < this.#atOnceMax) this.#running += 1;
    else await this.#turn();
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next(); // in this one's place
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) {
      return Promise.reject(new QueueFullError("too many checks wait"));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
