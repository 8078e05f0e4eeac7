/** Work that is more than one turn may do: it goes on in later turns, one slice in each. */
export interface Task {
  /** Whether it goes on when the connection that began it has ended. */
  readonly outlivesConnection: boolean;
  /** Whether it only tidies up: nobody misses it when the server ends before. */
  readonly isTidying?: true;
  /**
   * Does a slice: something always, and no more than the turn has left (`Core.workLeft`) and one
   * step beyond. Only inside a turn.
   *
   * @returns true: all is done.
   */
  proceed(): boolean;
}

/** Tasks one after the other: what came from one sender stays in order. [MQTT-4.6.0-6] */
export class Chain implements Task {
  readonly outlivesConnection = true;
  #tasks: Task[] = [];
  #at = 0;

  get isEmpty(): boolean {
    return this.#tasks.length === 0;
  }

  add(task: Task): void {
    this.#tasks.push(task);
  }

  proceed(): boolean {
    const first = this.#tasks[this.#at];
    if (first?.proceed() === true) {
      this.#at += 1;
      if (this.#at === this.#tasks.length) {
        this.#tasks = [];
        this.#at = 0;
      }
    }
    return this.#tasks.length === 0;
  }
}
