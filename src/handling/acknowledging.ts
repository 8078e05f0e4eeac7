import { PUBCOMP_BYTE } from "../codec/raw.js";
import { acknowledge, acknowledgeReceipt } from "../sending/delivery.js";
import { record, unrecord } from "../sending/durability.js";
import { proceed } from "../sending/retained-backlog.js";
import { settle } from "../sending/settling.js";
import type { Delivery } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, sessionOf } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { numberIsOver, releasedUnknown } from "./numbering.js";

/** PUBACK: a QoS 1 delivery is done. §3.4 @returns as `proceed`. */
export function onPuback(core: Core, connection: Connection, packetId: number): boolean {
  const session = sessionOf(connection);
  return onDone(core, connection, session, session.outbound.puback(packetId));
}

/** PUBREC: a QoS 2 delivery has arrived; PUBREL, known or not. §3.5 [M13] */
export function onPubrec(core: Core, connection: Connection, packetId: number): void {
  const session = sessionOf(connection);
  const delivery = session.outbound.pubrec(packetId);
  if (delivery === undefined) core.stats.unexpectedAcknowledgements += 1;
  else record(core, session, delivery);
  acknowledgeReceipt(core, connection, packetId); // [MQTT-4.3.3-1]
}

/** PUBREL: the Client will not repeat this message; PUBCOMP, known or not. §3.6 [M13] */
export function onPubrel(core: Core, connection: Connection, packetId: number): void {
  const session = sessionOf(connection);
  if (!releaseInbound(core, session, packetId)) {
    core.stats.unexpectedAcknowledgements += 1;
    if (core.cluster.isOn) releasedUnknown(core, session, packetId);
  }
  acknowledge(core, connection, PUBCOMP_BYTE, packetId, true); // [MQTT-4.3.3-2]
}

/** The identifier of a QoS 2 message is free again. @returns whether it was in use. */
export function releaseInbound(core: Core, session: ClientSession, packetId: number): boolean {
  const number = session.inbound.numberOf(packetId);
  if (!session.inbound.release(packetId)) return false;
  if (core.policy.forward !== undefined) core.handedOn.remove(session, packetId);
  if (session.storeKey !== 0) core.store.deleteInbound(session.storeKey, packetId);
  if (number > 0) numberIsOver(core, session, number);
  return true;
}

/** PUBCOMP: a QoS 2 delivery is done. §3.7 @returns as `proceed`. */
export function onPubcomp(core: Core, connection: Connection, packetId: number): boolean {
  const session = sessionOf(connection);
  return onDone(core, connection, session, session.outbound.pubcomp(packetId));
}

function onDone(
  core: Core,
  connection: Connection,
  session: ClientSession,
  delivery: Delivery | undefined,
): boolean {
  if (delivery === undefined) {
    core.stats.unexpectedAcknowledgements += 1; // [M13]
  } else {
    const isAllSent = connection.link.unsentBytes === 0;
    session.outbound.keepsUp(core.nowMs, connection.progressMs, isAllSent);
    connection.progressMs = core.nowMs;
    unrecord(core, session, delivery);
    settle(core, delivery, "delivered");
  }
  return !hasMore(session, connection) || proceed(core, session);
}

/** Whether an acknowledgement may have made room for something that waits. */
function hasMore(session: ClientSession, connection: Connection): boolean {
  return session.outbound.queuedCount > 0 || connection.retainedBacklog !== undefined;
}
