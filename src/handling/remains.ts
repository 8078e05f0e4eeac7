import type { Core } from "../state/core.js";
import { Chain, type Task } from "../state/task.js";

/**
 * What a Client whose connection has ended has left to be done: a message that not all its receivers
 * have yet, then its Will. What it sends over its next connection comes behind that.
 */
export class Remains implements Task {
  readonly outlivesConnection = true;
  readonly #core: Core;
  readonly #clientId: string;
  readonly #chain = new Chain();

  constructor(core: Core, clientId: string) {
    this.#core = core;
    this.#clientId = clientId;
  }

  add(task: Task): void {
    this.#chain.add(task);
  }

  proceed(): boolean {
    if (!this.#chain.proceed()) return false;
    this.#core.remains.delete(this.#clientId);
    return true;
  }
}

/** Whether anything is left of this Client's earlier connections. */
export function hasRemains({ remains }: Core, clientId: string): boolean {
  return remains.size > 0 && remains.has(clientId);
}

/** A task of a Client that has no connection any more, behind those there are. */
export function leaveBehind(core: Core, clientId: string, task: Task): void {
  let remains = core.remains.get(clientId);
  if (remains === undefined) {
    remains = new Remains(core, clientId);
    core.remains.set(clientId, remains);
    core.busy.add(remains);
  }
  remains.add(task);
}
