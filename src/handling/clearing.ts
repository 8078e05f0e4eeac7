import { unrecord } from "../sending/durability.js";
import { abandon } from "../sending/queueing.js";
import type { Delivery } from "../session/delivery.js";
import type { Core } from "../state/core.js";
import { closeConnection } from "./closing.js";
import { endSession } from "./ending.js";

/**
 * Ends a Session whoever uses it: its connection is closed first, and its Will published. [M2]
 *
 * @returns whether there was one.
 */
export function endSessionOf(core: Core, clientId: string): boolean {
  const session = core.sessions.find(clientId);
  if (session === undefined) return false;
  const connection = session.connection ?? session.claimant;
  if (connection !== undefined) closeConnection(core, connection, "kicked");
  if (core.sessions.find(clientId) === session) endSession(core, session);
  return true;
}

/**
 * Drops what waits for a Client and has not been sent: in its Session and in its inbox. What is in
 * flight stays: the Client may have it already. O(queue).
 *
 * @returns how many messages it were.
 */
export function clearQueue(core: Core, clientId: string): number {
  const { pointToPoint } = core.budgets;
  const session = core.sessions.find(clientId);
  const queued: Delivery[] = [];
  if (session !== undefined) {
    pointToPoint.take(session.outbound.tally());
    session.outbound.takeQueued(queued);
    for (const delivery of queued) {
      unrecord(core, session, delivery);
      if (delivery.pointToPoint) pointToPoint.give();
    }
  }
  const { deliveries, found } = core.inboxes.take(clientId);
  pointToPoint.take(found - deliveries.length);
  for (const delivery of [...queued, ...deliveries]) abandon(core, delivery, "cleared", clientId);
  return queued.length + deliveries.length;
}
