import { PUBREL_BYTE } from "../codec/raw.js";
import { type Delivery, DeliveryState } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { HeldRepeat } from "../state/held.js";
import { acknowledge, send, writeRepeat } from "./delivery.js";
import { hold, holdBehindAll, record, unrecord } from "./durability.js";
import { revoke } from "./guarding.js";
import { isCongested } from "./outgoing.js";
import { abandon } from "./queueing.js";

/** What it costs to send a message that has waited, in units of work. */
const QUEUED_UNITS = 2;

/**
 * Sends again what was in flight when the last connection ended, then what was queued: as far as the
 * turn goes, the rest in later ones, and before anything new. [M14] [MQTT-4.6.0-1]
 */
export function resume(core: Core, session: ClientSession, connection: Connection): void {
  const unacknowledged = session.outbound.unacknowledged();
  if (unacknowledged.length > 0) connection.repeats = unacknowledged.reverse(); // taken from its end
  if (!pump(core, session)) core.owing.add(connection);
}

/**
 * Sends what is to be sent again, then from the queue while window and peer have room: something always, then as far as the turn goes.
 *
 * @returns false: something is left, and the turn has come to its end.
 */
export function pump(core: Core, session: ClientSession): boolean {
  const connection = session.connection;
  if (connection === undefined || connection.phase !== Phase.ACCEPTED) return true;
  if (connection.repeats !== undefined && !repeatSome(core, session, connection)) return false;
  while (session.outbound.queuedCount > 0 && !isCongested(core, connection)) {
    if (connection.held !== undefined && connection.held.length >= core.limits.heldMax) break;
    const delivery = session.outbound.next(core.nowMs);
    if (delivery === undefined) break;
    sendQueued(core, session, connection, delivery);
    if (core.workLeft <= 0 && session.outbound.queuedCount > 0) return false;
  }
  return true;
}

/** What was taken out of the queue, unless it has come too late or is not allowed any more. */
function sendQueued(
  core: Core,
  session: ClientSession,
  connection: Connection,
  delivery: Delivery,
): void {
  core.workLeft -= QUEUED_UNITS;
  if (delivery.pointToPoint) core.budgets.pointToPoint.give();
  if (delivery.isTooLate(core.nowMs)) {
    unrecord(core, session, delivery);
    abandon(core, delivery, "expired", session.clientId);
  } else if (!revoke(core, session, delivery)) {
    record(core, session, delivery); // from now on it has a Packet Identifier
    send(core, session, connection, delivery);
  }
}

/** @returns false: some are left, and the turn has come to its end. */
function repeatSome(core: Core, session: ClientSession, connection: Connection): boolean {
  const repeats = connection.repeats ?? [];
  for (let next = repeats.pop(); next !== undefined; next = repeats.pop()) {
    // A Client may know its identifier from before, and acknowledge it before it comes again.
    if (next.state !== DeliveryState.DONE) repeat(core, session, connection, next);
    if (core.workLeft <= 0 && repeats.length > 0) return false;
  }
  connection.repeats = undefined;
  return true;
}

function repeat(
  core: Core,
  session: ClientSession,
  connection: Connection,
  delivery: Delivery,
): void {
  if (revoke(core, session, delivery)) return; // not behind PUBREC: only PUBREL is due there
  core.stats.resent += 1;
  core.workLeft -= QUEUED_UNITS;
  if (delivery.state === DeliveryState.AWAITING_PUBCOMP) {
    acknowledge(core, connection, PUBREL_BYTE, delivery.packetId, true); // [MQTT-4.4.0-1]
  } else if (delivery.qos === 2 && core.obligations.isAnyOpen) {
    holdBehindAll(core, connection, new HeldRepeat(delivery)); // its identifier must be durable
  } else if (connection.held !== undefined) {
    hold(core, connection, new HeldRepeat(delivery)); // behind a PUBREL that waits [M14]
  } else {
    writeRepeat(core, connection, delivery);
  }
}
