import type { FilterList } from "../codec/index.js";
import { orderError } from "../protocol/errors.js";
import type { Subscribe, Unsubscribe } from "../protocol/packet.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Task } from "../state/task.js";
import { goOnLater } from "./many-filters.js";

/** Decoded before the turn is asked whether it has time for more, and what a unit of it buys. */
const STEP_BYTES = 4 * 1024;
const UNIT_BYTES = 64;

/**
 * A SUBSCRIBE or UNSUBSCRIBE of so many bytes that to decode it takes longer than others should wait:
 * as far as the turn goes, the rest in later turns, and then what a short one does at once. [T2]
 */
export function decodeInSlices(
  core: Core,
  connection: Connection,
  list: FilterList,
  take: (packet: Subscribe | Unsubscribe) => void,
): void {
  const task = new Decoding(core, connection, list, take);
  if (!task.proceed() && connection.task === undefined) goOnLater(core, connection, task);
}

/** Each filter is an object until all are done, many times its bytes. [T2] */
export function boundFilters({ limits }: Core, count: number): void {
  if (count > limits.filtersPerPacketMax) throw orderError("too-many-filters");
}

class Decoding implements Task {
  readonly outlivesConnection = false;
  readonly #core: Core;
  readonly #connection: Connection;
  readonly #list: FilterList;
  readonly #take: (packet: Subscribe | Unsubscribe) => void;

  constructor(
    core: Core,
    connection: Connection,
    list: FilterList,
    take: (packet: Subscribe | Unsubscribe) => void,
  ) {
    this.#core = core;
    this.#connection = connection;
    this.#list = list;
    this.#take = take;
  }

  proceed(): boolean {
    const core = this.#core;
    const connection = this.#connection;
    const list = this.#list;
    let isWhole: boolean;
    do {
      const before = list.left;
      isWhole = list.next(STEP_BYTES);
      core.workLeft -= Math.ceil((before - list.left) / UNIT_BYTES); // one filter may be 64 KiB
      boundFilters(core, list.count);
    } while (!isWhole && core.workLeft > 0);
    if (!isWhole) return false;
    connection.task = undefined;
    this.#take(list.packet());
    // What it has set off may go on in turns of its own, and is what the connection is at now.
    if (connection.task !== undefined) return false;
    if (connection.retainedBacklog !== undefined) core.owing.add(connection);
    return true;
  }
}
