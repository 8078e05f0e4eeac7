import type { Core } from "../state/core.js";
import { Chain, type Task } from "../state/task.js";
import { mapKey } from "../topic/map-key.js";

/**
 * What a Client whose connection has ended has left to be done: a message that not all its receivers
 * have yet, then its Will. What it sends over its next connection comes behind that.
 */
export class Remains implements Task {
  readonly outlivesConnection = true;
  readonly #core: Core;
  readonly #key: string;
  readonly #chain = new Chain();

  constructor(core: Core, key: string) {
    this.#core = core;
    this.#key = key;
  }

  add(task: Task): void {
    this.#chain.add(task);
  }

  proceed(): boolean {
    if (!this.#chain.proceed()) return false;
    this.#core.remains.delete(this.#key);
    return true;
  }
}

/** Whether anything is left of this Client's earlier connections. */
export function hasRemains({ remains }: Core, clientId: string): boolean {
  return remains.size > 0 && remains.has(mapKey(clientId));
}

/** A task of a Client that has no connection any more, behind those there are. */
export function leaveBehind(core: Core, clientId: string, task: Task): void {
  const key = mapKey(clientId);
  let remains = core.remains.get(key);
  if (remains === undefined) {
    remains = new Remains(core, key);
    core.remains.set(key, remains);
    core.busy.add(remains);
  }
  remains.add(task);
}
