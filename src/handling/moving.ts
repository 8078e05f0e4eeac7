import type { QoS } from "../protocol/packet.js";
import { sessionRecord } from "../sending/durability.js";
import { enqueue } from "../sending/queueing.js";
import { settle } from "../sending/settling.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import type { Task } from "../state/task.js";
import { asksForShare } from "../topic/share-name.js";
import { restoreSubscription } from "./restoring.js";

/**
 * A kept Session without a connection is to go to another node: nothing of it changes from here on. What
 * its Client was sent outside of it comes along, behind its queue. [P10]
 */
export function freeze(core: Core, session: ClientSession): void {
  const { pointToPoint } = core.budgets;
  core.sessions.setOnline(session); // it does not grow old on its way
  pointToPoint.take(session.outbound.tally());
  const { deliveries, found } = core.inboxes.take(session.clientId);
  pointToPoint.take(found - deliveries.length);
  for (const delivery of deliveries) enqueue(core, session, delivery);
  session.isMoving = true;
}

/** It stays after all. */
export function thaw(core: Core, session: ClientSession): void {
  session.isMoving = false;
  if (core.sessions.find(session.clientId) !== session) return;
  if (session.connection === undefined && session.claimant === undefined) {
    core.sessions.setOffline(session, core.nowMs);
  }
}

/**
 * Another node has all of it: the copy here ends, and nothing of it counts as dropped. What it
 * subscribes to stays in the tables for as long as messages for it may come here.
 */
export function letGo(core: Core, session: ClientSession): void {
  const { outbound, storeKey } = session;
  core.sessions.remove(session);
  core.budgets.pointToPoint.give(outbound.queuedPointToPointCount);
  empty(core, session);
  if (storeKey !== 0) core.store.deleteOwner(storeKey);
}

/** What waits in a Session that is in no table goes, the rest of a long queue in later turns. */
export function empty(core: Core, session: ClientSession): void {
  const task = new Emptying(core, session);
  if (!task.proceed()) core.busy.add(task);
}

/** Taken out between two looks at what the turn has left. */
const DELIVERIES_PER_LOOK = 64;

class Emptying implements Task {
  readonly outlivesConnection = true;
  readonly #core: Core;
  readonly #session: ClientSession;

  constructor(core: Core, session: ClientSession) {
    this.#core = core;
    this.#session = session;
  }

  proceed(): boolean {
    const core = this.#core;
    do {
      const deliveries = this.#session.outbound.drain(DELIVERIES_PER_LOOK);
      if (deliveries.length === 0) return true;
      core.workLeft -= deliveries.length;
      for (const delivery of deliveries) {
        // Whoever waits in this process cannot wait at the other node. [P12]
        if (typeof delivery.receipt === "object") settle(core, delivery, "sent");
      }
    } while (core.workLeft > 0);
    return false;
  }
}

/**
 * One Subscription of a Session that is about to be at home here. Until it is, whatever comes by it is its
 * present home's to deliver. A group must not choose it before.
 *
 * @returns false: it has to wait for {@link settleIn}.
 */
export function prepare(
  core: Core,
  session: ClientSession,
  topicFilter: string,
  grantedQos: QoS,
): boolean {
  if (asksForShare(topicFilter)) return false;
  session.isMoving = true;
  restoreSubscription(core, session, topicFilter, grantedQos);
  return true;
}

/**
 * A Session that has come from another node is at home here, and its Client is not connected yet.
 *
 * @param rest - What it subscribes to that was not prepared.
 */
export function settleIn(
  core: Core,
  session: ClientSession,
  rest: readonly (readonly [topicFilter: string, grantedQos: QoS])[],
): void {
  core.arriveCount += 1;
  session.arrivedAt = core.arriveCount;
  session.isMoving = false;
  core.sessions.add(session);
  core.budgets.pointToPoint.take(session.outbound.queuedPointToPointCount);
  for (const [topicFilter, grantedQos] of rest) {
    restoreSubscription(core, session, topicFilter, grantedQos);
  }
  core.sessions.setOffline(session, core.nowMs);
  if (session.storeKey === 0) return;
  core.store.putSession(sessionRecord(session, core.nowMs));
  session.outbound.unload(); // it was recorded as it came
}
