import { setGuard } from "../sending/guarding.js";
import type { Guard } from "../session/session.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import type { Task } from "../state/task.js";
import { asksForShare } from "../topic/share-name.js";
import { FILTER_UNITS } from "./many-filters.js";

/** Of a Session that has ended, until the last table has forgotten it. */
const NOTHING: Guard = { mayReceive: () => false };
/** Taken out between two looks at what the turn has left: nearly every Session has fewer. */
const FILTERS_PER_LOOK = 16;

/**
 * A Session that ends subscribes to nothing from here on. Taking thousands of filters out of the
 * tables goes on in later turns; until then they count against the bounds on all Sessions, and bring
 * it nothing. [T2]
 */
export function leaveTopics(core: Core, session: ClientSession): void {
  const { size } = session.subscriptions;
  if (size === 0) return;
  noteLeaving(core, session);
  const task = new Leaving(core, session);
  if (task.proceed()) return;
  setGuard(core, session, NOTHING);
  core.busy.add(task);
}

/** Messages on their way to many find out whether a Session still subscribes to them. */
export function noteLeaving(core: Core, session: ClientSession): void {
  core.leaveCount += 1;
  session.leftAt = core.leaveCount;
}

/** Takes a Subscription that is gone out of all tables. */
export function leaveTopic(core: Core, session: ClientSession, topicFilter: string): void {
  core.filterAccounts.leave(session, topicFilter);
  if (core.cluster.isOn) core.cluster.unsubscribed(topicFilter);
  if (asksForShare(topicFilter)) core.shares.leave(topicFilter, session);
  else core.trie.remove(topicFilter, session);
}

/** What a Session that has ended subscribed to is taken out of the tables. */
class Leaving implements Task {
  readonly outlivesConnection = true;
  readonly isTidying = true;
  readonly #core: Core;
  readonly #session: ClientSession;
  readonly #topicFilters: Iterator<string, undefined>;

  constructor(core: Core, session: ClientSession) {
    this.#core = core;
    this.#session = session;
    this.#topicFilters = session.unsubscribeAll().keys();
  }

  proceed(): boolean {
    const core = this.#core;
    do {
      for (let count = 0; count < FILTERS_PER_LOOK; count += 1) {
        const { value } = this.#topicFilters.next();
        if (value === undefined) return true;
        leaveTopic(core, this.#session, value);
        core.workLeft -= FILTER_UNITS;
      }
    } while (core.workLeft > 0);
    return false;
  }
}
