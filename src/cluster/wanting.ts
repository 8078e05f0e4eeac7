import { FILTER_UNITS } from "../handling/many-filters.js";
import { prepare } from "../handling/moving.js";
import type { Core } from "../state/core.js";
import type { Task } from "../state/task.js";
import type { Incoming } from "./incoming.js";
import type { Interest } from "./interest.js";

/** Wanted between two looks at what the turn has left: nearly every Session has fewer. */
const FILTERS_PER_LOOK = 16;

/**
 * What a Session subscribes to that is about to be at home here is wanted here, before the log says that it
 * is: thousands of filters in more than one turn.
 */
export class Wanting implements Task {
  readonly outlivesConnection = true;
  readonly isTidying = true;
  readonly #core: Core;
  readonly #interest: Interest;
  readonly #incoming: Incoming;
  readonly #done: () => void;
  #at = 0;

  /** @param done - Called when all are on their way to the log, unless it is over before. */
  constructor(core: Core, interest: Interest, incoming: Incoming, done: () => void) {
    this.#core = core;
    this.#interest = interest;
    this.#incoming = incoming;
    this.#done = done;
  }

  proceed(): boolean {
    const core = this.#core;
    const incoming = this.#incoming;
    const { subscriptions, session, rest } = incoming;
    if (session === undefined) return true; // its first record: without it nothing is complete
    while (!incoming.isOver) {
      for (let count = 0; count < FILTERS_PER_LOOK; count += 1) {
        const next = subscriptions[this.#at];
        if (next === undefined) {
          this.#done();
          return true;
        }
        this.#at += 1;
        if (!prepare(core, session, ...next)) {
          this.#interest.subscribed(next[0]);
          rest.push(next);
        }
        core.workLeft -= FILTER_UNITS;
      }
      if (core.workLeft <= 0) return false;
    }
    return true;
  }
}
