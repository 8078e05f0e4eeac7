import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Task } from "../state/task.js";

/** What one Topic Filter more, or one less, costs. */
export const FILTER_UNITS = 4;

/** One step for each Topic Filter of a packet, then its end. */
export interface Steps {
  readonly count: number;
  readonly act: (at: number) => void;
  /**
   * @param hasRecorded - Whether an earlier turn has recorded something.
   * @param isLate - Whether it is an other turn than the one it began in.
   * @returns what is left to do behind it, such as behind the answer; `undefined`: nothing.
   */
  readonly end: (hasRecorded: boolean, isLate: boolean) => Task | undefined;
}

/**
 * SUBSCRIBE and UNSUBSCRIBE: as many filters as the turn may do, the others in later turns. What a
 * Client has sent behind the packet waits; what is left when its connection ends was never answered,
 * and is not done, unless it comes behind the answer. [MQTT-3.8.4-4] [MQTT-3.10.4-6] [T2]
 */
export function doEach(core: Core, connection: Connection, steps: Steps): void {
  goOnLater(core, connection, doSome(core, steps, false));
}

/**
 * The first of them.
 *
 * @param isLate - Whether it is an other turn than the one the packet was taken in.
 * @returns what is left to do; `undefined`: nothing.
 */
export function doSome(core: Core, steps: Steps, isLate: boolean): Task | undefined {
  const task = new ManyFilters(core, steps, isLate);
  return task.proceed() ? undefined : task;
}

/** What is left of a packet is done in later turns. */
export function goOnLater(core: Core, connection: Connection, task: Task | undefined): void {
  if (task === undefined) return;
  connection.task = task;
  connection.hasOverspent = true;
  core.postpone(connection);
}

class ManyFilters implements Task {
  readonly #core: Core;
  readonly #steps: Steps;
  #at = 0;
  #hasRecorded = false;
  #isLate: boolean;
  /** Behind the answer. */
  #rest: Task | undefined;

  constructor(core: Core, steps: Steps, isLate: boolean) {
    this.#core = core;
    this.#steps = steps;
    this.#isLate = isLate;
  }

  get outlivesConnection(): boolean {
    return this.#rest?.outlivesConnection === true;
  }

  proceed(): boolean {
    if (this.#rest !== undefined) return this.#rest.proceed();
    const core = this.#core;
    const { count, act, end } = this.#steps;
    do {
      act(this.#at);
      this.#at += 1;
      core.workLeft -= FILTER_UNITS;
    } while (this.#at < count && core.workLeft > 0);
    if (this.#at === count) {
      this.#rest = end(this.#hasRecorded, this.#isLate);
      return this.#rest === undefined;
    }
    if (core.store.recorded) this.#hasRecorded = true;
    this.#isLate = true;
    return false;
  }
}
