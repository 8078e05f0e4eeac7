import type { Delivery } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { record, unrecord } from "./durability.js";
import { isCongested } from "./outgoing.js";
import { settle } from "./settling.js";

/** A Client that has acknowledged nothing for so long does not keep up. */
const KEEPING_UP_MS = 1_000;

/** Whether a message at QoS 1 or 2 may go in flight without a wait. [M16] [M24] [T7] */
export function maySendAtOnce(
  core: Core,
  { outbound }: ClientSession,
  connection: Connection,
): boolean {
  if (!outbound.hasRoom || connection.repeats !== undefined) return false; // [M14]
  if (isCongested(core, connection)) return false;
  return core.memory.refusal(outbound, true) === undefined;
}

/**
 * {@link enqueue} for a message that waits nowhere yet: where memory is short it waits in the Store
 * alone, if that has it, else it is dropped. [I12] [T7]
 */
export function enqueueNew(
  core: Core,
  session: ClientSession,
  delivery: Delivery,
  origin?: Connection,
): "queued" | "dropped" {
  const refusal = refusalOf(core, session, delivery);
  if (refusal === undefined) return enqueue(core, session, delivery, origin);
  if (canWaitOutside(session, delivery)) return enqueue(core, session, delivery, origin, true);
  abandon(core, delivery, refusal, session.clientId);
  return "dropped";
}

function refusalOf({ memory }: Core, { outbound }: ClientSession, { qos }: Delivery) {
  return qos === 0 && memory.isTight ? "memory-full" : memory.refusal(outbound, false);
}

/** Whoever waits in this process for what becomes of it is not in the Store. */
function canWaitOutside(session: ClientSession, { qos, receipt }: Delivery): boolean {
  if (session.storeKey === 0 || qos === 0) return false;
  return session.connection === undefined || typeof receipt !== "object";
}

/**
 * Puts a delivery into the Session's queue; what its bounds push out is dropped, perhaps itself.
 * [MQTT-3.1.2-5] [M17] [P9]
 *
 * @param origin - Who has published it and waits for the acknowledgement. [M31]
 * @param toPages - It waits in the Store alone.
 */
export function enqueue(
  core: Core,
  session: ClientSession,
  delivery: Delivery,
  origin?: Connection,
  toPages = false,
): "queued" | "dropped" {
  const { pointToPoint } = core.budgets;
  pointToPoint.take(session.outbound.tally());
  if (delivery.pointToPoint) {
    if (!pointToPoint.hasRoom()) {
      abandon(core, delivery, "point-to-point-queue-full", session.clientId);
      return "dropped";
    }
    pointToPoint.take();
  }
  const dropped: Delivery[] = [];
  const { connection } = session;
  if (connection !== undefined) session.outbound.lagsBehind(core.nowMs, connection.progressMs);
  session.outbound.admit(delivery);
  session.outbound.enqueue(delivery, dropped, burstOf(core, session), toPages);
  const isKept = !dropped.includes(delivery);
  if (isKept) record(core, session, delivery);
  if (origin !== undefined && origin === connection) origin.ownThrough = delivery.sequence;
  for (const victim of dropped) {
    if (victim !== delivery) unrecord(core, session, victim);
    if (victim.pointToPoint) pointToPoint.give();
    const reason = victim.pointToPoint ? "point-to-point-queue-full" : "queue-full";
    abandon(core, victim, reason, session.clientId);
  }
  return isKept ? "queued" : "dropped";
}

/** How many messages may wait for a Client that keeps up: it has acknowledged something lately. */
export function burstOf(core: Core, { connection }: ClientSession): number {
  const isKeepingUp =
    connection !== undefined && core.nowMs - connection.progressMs < KEEPING_UP_MS;
  return isKeepingUp ? core.limits.burstMessagesMax : 0;
}

/** A delivery that goes no further: counted, told, and its receipt settled. */
export function abandon(
  core: Core,
  delivery: Delivery,
  reason:
    | "expired"
    | "queue-full"
    | "memory-full"
    | "queues-full"
    | "point-to-point-queue-full"
    | "session-ended"
    | "cleared"
    | "revoked"
    | "offline-qos-0",
  receiverId: string,
): void {
  core.drop(reason, delivery.message?.topicName ?? "", receiverId);
  settle(core, delivery, reason === "expired" ? "expired" : "dropped");
}
