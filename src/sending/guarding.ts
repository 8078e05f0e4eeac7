import type { Delivery } from "../session/delivery.js";
import type { Guard } from "../session/session.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { unrecord } from "./durability.js";
import { abandon } from "./queueing.js";

/** From here on a Session is given by Subscriptions what its guard allows. [H01] */
export function setGuard(core: Core, session: ClientSession, guard: Guard | undefined): void {
  if (session.guard === guard) return;
  session.guard = guard;
  core.trie.renew(); // routes remember whom they reach
}

/** Whether a Session may be given a message on this topic by a Subscription. */
export function isWelcome({ guard }: ClientSession, topicName: string): boolean {
  return guard === undefined || guard.mayReceive(topicName);
}

/**
 * Drops a delivery that was queued, or sent by an earlier connection, under a right that is gone.
 * Point-to-point needs no right of the receiver. [F15]
 *
 * @returns false: it may go on.
 */
export function revoke(core: Core, session: ClientSession, delivery: Delivery): boolean {
  const { message, packetId } = delivery;
  if (session.guard === undefined || delivery.pointToPoint || message === undefined) return false;
  if (session.guard.mayReceive(message.topicName)) return false;
  if (packetId !== 0) session.outbound.forget(packetId);
  unrecord(core, session, delivery);
  abandon(core, delivery, "revoked", session.clientId);
  return true;
}
