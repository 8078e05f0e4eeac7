import { sessionRecord } from "../sending/durability.js";
import { abandon } from "../sending/queueing.js";
import { settle } from "../sending/settling.js";
import { type Delivery, DeliveryState } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { leaveTopics } from "./leaving.js";
import { handOver } from "./sharing.js";

/** Ends a Session: nothing of it is left to a later one. [MQTT-3.1.2-6] [M25] */
export function endSession(core: Core, session: ClientSession): void {
  const { outbound } = session;
  core.sessions.remove(session);
  if (core.cluster.isOn) core.cluster.ended(session.clientId);
  core.budgets.pointToPoint.take(outbound.tally());
  const deliveries = outbound.drain();
  core.workLeft -= deliveries.length;
  const shared: Delivery[] = [];
  for (const delivery of deliveries) {
    if (delivery.pointToPoint && delivery.packetId === 0) core.budgets.pointToPoint.give(1);
    // Behind PUBREC the receiver has it: only the end of the handshake is missing. §4.3.3
    if (delivery.state === DeliveryState.AWAITING_PUBCOMP) settle(core, delivery, "delivered");
    else if (delivery.share !== "") shared.push(delivery);
    else abandon(core, delivery, "session-ended", session.clientId);
  }
  leaveTopics(core, session);
  if (session.storeKey !== 0) core.store.deleteOwner(session.storeKey);
  handOver(core, shared, session, "session-ended"); // in the same commit [M30]
}

/** Nobody is connected: a Clean Session ends, another one is kept. [MQTT-3.1.2-4] [MQTT-4.1.0-2] */
export function goOffline(core: Core, session: ClientSession): void {
  if (session.cleanSession) {
    endSession(core, session);
    return;
  }
  core.shares.setOnline(session, false);
  const dropped: Delivery[] = [];
  session.outbound.dropQos0(dropped);
  const shared = dropped.filter(({ share }) => share !== "");
  handOver(core, shared, session, "offline-qos-0"); // [M30]
  for (const delivery of dropped) {
    if (delivery.share !== "") continue;
    if (delivery.pointToPoint) core.budgets.pointToPoint.give(1);
    abandon(core, delivery, "offline-qos-0", session.clientId);
  }
  session.outbound.unload();
  core.sessions.setOffline(session, core.nowMs);
  if (session.storeKey !== 0) core.store.putSession(sessionRecord(session, core.nowMs));
}
