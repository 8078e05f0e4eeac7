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
   */
  readonly end: (hasRecorded: boolean, isLate: boolean) => void;
}

/**
 * SUBSCRIBE and UNSUBSCRIBE: as many filters as the turn may do, the others in later turns. What a
 * Client has sent behind the packet waits; what is left when its connection ends was never answered,
 * and is not done. [MQTT-3.8.4-4] [MQTT-3.10.4-6] [T2]
 */
export function doEach(core: Core, connection: Connection, steps: Steps): void {
  const task = new ManyFilters(core, steps);
  if (task.proceed()) return;
  connection.task = task;
  connection.hasOverspent = true;
  core.postpone(connection);
}

class ManyFilters implements Task {
  readonly outlivesConnection = false;
  readonly #core: Core;
  readonly #steps: Steps;
  #at = 0;
  #hasRecorded = false;
  #isLate = false;

  constructor(core: Core, steps: Steps) {
    this.#core = core;
    this.#steps = steps;
  }

  proceed(): boolean {
    const core = this.#core;
    const { count, act, end } = this.#steps;
    do {
      act(this.#at);
      this.#at += 1;
      core.workLeft -= FILTER_UNITS;
    } while (this.#at < count && core.workLeft > 0);
    if (this.#at === count) {
      end(this.#hasRecorded, this.#isLate);
      return true;
    }
    if (core.store.recorded) this.#hasRecorded = true;
    this.#isLate = true;
    return false;
  }
}
