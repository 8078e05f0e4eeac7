import type { SessionRecord } from "../ports/store.js";
import type { Delivery } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { Held, type HeldItem } from "../state/held.js";
import { StopReason, stopReading } from "../state/reading.js";

/** Records a delivery of a kept Session as it stands at the end of the turn. */
export function record(core: Core, session: ClientSession, delivery: Delivery): void {
  if (session.storeKey !== 0 && delivery.qos > 0)
    core.store.putDelivery(session.storeKey, delivery);
}

/** Removes the record of a delivery that is done or dropped. */
export function unrecord(core: Core, session: ClientSession, delivery: Delivery): void {
  if (session.storeKey !== 0 && delivery.qos > 0) {
    core.store.deleteDelivery(session.storeKey, delivery);
  }
}

/**
 * Whether an acknowledgement on this connection must wait: the turn has recorded something besides
 * deliveries that are done, or an earlier acknowledgement waits and must go first. [M26]
 * [MQTT-4.6.0-2]
 */
export function mustHold({ obligations }: Core, connection: Connection): boolean {
  return connection.held !== undefined || obligations.isOwedNow;
}

/**
 * Whether PUBREL must wait: for what the Store has under way, or behind what this receiver is still
 * to get before it. What others have to answer is nothing to it. [MQTT-4.6.0-4]
 */
export function mustHoldRelease({ store }: Core, { held }: Connection): boolean {
  if (held !== undefined && (held.releaseCount > 0 || held.deliveryCount > 0)) return true;
  return store.recorded || store.committedTicket < store.openTicket - 1;
}

/**
 * Keeps something back until what this turn has recorded is settled, and everything that waits on
 * this connection already has gone.
 */
export function hold(core: Core, connection: Connection, item: HeldItem): void {
  const { obligations, store } = core;
  heldOf(core, connection).push(obligations.isOwedNow ? store.openTicket : 0, item);
  throttle(core, connection);
}

/**
 * Keeps something back until all records made so far are durable: for what an earlier turn may
 * have recorded, and for a record that replaces one.
 */
export function holdBehindAll(core: Core, connection: Connection, item: HeldItem): void {
  const { obligations, store } = core;
  const last = obligations.isOwedNow || store.recorded ? store.openTicket : store.openTicket - 1;
  heldOf(core, connection).pushBehindAll(last, item);
  throttle(core, connection);
}

function heldOf(core: Core, connection: Connection): Held {
  connection.held ??= new Held();
  core.holding.add(connection);
  return connection.held;
}

/** A publisher faster than the disk waits in its socket. */
function throttle({ limits }: Core, connection: Connection): void {
  const { held } = connection;
  if (held === undefined || held.length < limits.heldMax) return;
  stopReading(connection, StopReason.HELD);
}

/** A Session as the Store keeps it. */
export function sessionRecord(session: ClientSession, offlineSinceMs: number): SessionRecord {
  const { storeKey, clientId, username, isBridge, inbound } = session;
  const numberFloor = inbound.numbering?.floor ?? 0;
  const record = { key: storeKey, clientId, username, offlineSinceMs, isBridge };
  return numberFloor === 0 ? record : { ...record, numberFloor };
}
