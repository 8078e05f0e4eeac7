import { sessionRecord } from "../sending/durability.js";
import { abandon } from "../sending/queueing.js";
import { type Delivery, DeliveryState } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { textOfKey } from "../topic/map-key.js";

/**
 * Ends a Session: nothing of it is left to a later one. [MQTT-3.1.2-6] [M25]
 *
 * @returns how many messages it had.
 */
export function endSession(core: Core, session: ClientSession): number {
  const { outbound } = session;
  core.sessions.remove(session);
  core.budgets.pointToPoint.take(outbound.tally());
  const deliveries = outbound.drain();
  for (const delivery of deliveries) {
    if (delivery.pointToPoint && delivery.packetId === 0) core.budgets.pointToPoint.give(1);
    // Behind PUBREC the receiver has it: only the end of the handshake is missing. §4.3.3
    if (delivery.state === DeliveryState.AWAITING_PUBCOMP) delivery.receipt?.settle("delivered");
    else abandon(core, delivery, "session-ended", session.clientId);
  }
  for (const key of session.subscriptions.keys()) core.trie.remove(textOfKey(key), session);
  session.unsubscribeAll();
  if (session.storeKey !== 0) core.store.deleteOwner(session.storeKey);
  return deliveries.length;
}

/** Nobody is connected: a Clean Session ends, another one is kept. [MQTT-3.1.2-4] [MQTT-4.1.0-2] */
export function goOffline(core: Core, session: ClientSession): void {
  if (session.cleanSession) {
    endSession(core, session);
    return;
  }
  const dropped: Delivery[] = [];
  session.outbound.dropQos0(dropped);
  for (const delivery of dropped) {
    if (delivery.pointToPoint) core.budgets.pointToPoint.give(1);
    abandon(core, delivery, "offline-qos-0", session.clientId);
  }
  session.outbound.unload();
  core.sessions.setOffline(session, core.nowMs);
  if (session.storeKey !== 0) core.store.putSession(sessionRecord(session, core.nowMs));
}
