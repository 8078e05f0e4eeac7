import { PUBREL_BYTE } from "../codec/raw.js";
import { REFERENCE_FROM_BYTES } from "../ports/outbox.js";
import type { QoS } from "../protocol/packet.js";
import { Delivery } from "../session/delivery.js";
import type { Message } from "../session/message.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { type Held, HeldOwnCopy } from "../state/held.js";
import type { Publication } from "../state/publication.js";
import { hold, holdBehindAll, mustHold, mustHoldRelease, record } from "./durability.js";
import { isNewFor } from "./once.js";
import {
  DUP_BIT,
  flagsOf,
  isCongested,
  RETAIN_BIT,
  writeAcknowledgement,
  writeByReference,
  writeDelivery,
  writeForwarded,
  writePublication,
} from "./outgoing.js";
import { enqueueNew, maySendAtOnce } from "./queueing.js";
import { settle } from "./settling.js";

/** A held acknowledgement is its first byte above its Packet Identifier. */
export const ID_BITS = 16;

/** What became of a message for one Session, as far as it is known at once. */
export type Delivered = "sent" | "queued" | "dropped";

/**
 * Message -> one Session: written at once, queued, or dropped with a reason. §4.3, [MQTT-4.5.0-1]
 * [M16] [M17] [M24]
 *
 * @param grantedQos - The delivery has the lower of this and the published QoS. [MQTT-3.8.4-6]
 * @param retain - The RETAIN flag towards this receiver. [MQTT-3.3.1-8] [MQTT-3.3.1-9]
 * @param pointToPoint - It counts against the bounds of point-to-point when queued. [P9]
 */
export function deliver(
  core: Core,
  session: ClientSession,
  publication: Publication,
  grantedQos: QoS,
  retain: boolean,
  pointToPoint: boolean,
): Delivered {
  const qos = publication.qos < grantedQos ? publication.qos : grantedQos;
  if (qos === 0) return deliverAtMostOnce(core, session, publication, retain, pointToPoint);
  const { provenance } = publication;
  // Of a group another member may have had it.
  if (qos === 2 && provenance !== undefined && publication.share === "") {
    if (!isNewFor(core, session, provenance)) return "sent"; // [M36]
  }
  const message = publication.kept(core.arena);
  return deliverAcknowledged(core, session, message, qos, retain, pointToPoint, publication);
}

/** The same for a message that is kept already: a retained one. [MQTT-3.3.1-6] */
export function deliverRetained(
  core: Core,
  session: ClientSession,
  connection: Connection,
  message: Message,
  grantedQos: QoS,
): void {
  const qos = message.qos < grantedQos ? message.qos : grantedQos;
  if (qos > 0) {
    deliverAcknowledged(core, session, message, qos, true, false, undefined);
    return;
  }
  const delivery = new Delivery(message, 0, true, false, 0);
  session.outbound.admit(delivery);
  if (session.outbound.queuedCount > 0) enqueueNew(core, session, delivery);
  else send(core, session, connection, delivery);
}

function deliverAcknowledged(
  core: Core,
  session: ClientSession,
  message: Message,
  qos: QoS,
  retain: boolean,
  pointToPoint: boolean,
  publication: Publication | undefined,
): Delivered {
  const expiresMs = pointToPoint ? core.nowMs + core.limits.pointToPointAgeMs : 0;
  const delivery = new Delivery(message, qos, retain, pointToPoint, expiresMs);
  delivery.receipt = publication?.receipt;
  delivery.share = publication?.share ?? "";
  const connection = session.connection;
  if (connection === undefined || !maySendAtOnce(core, session, connection)) {
    return enqueueNew(core, session, delivery, publication?.origin);
  }
  session.outbound.admit(delivery);
  if (session.outbound.inFlightCount === 0) connection.progressMs = core.nowMs;
  session.outbound.begin(delivery);
  record(core, session, delivery);
  if (publication?.origin === connection) publication.setAside(delivery, connection);
  else send(core, session, connection, delivery, publication);
  return "sent";
}

function deliverAtMostOnce(
  core: Core,
  session: ClientSession,
  publication: Publication,
  retain: boolean,
  pointToPoint: boolean,
): Delivered {
  const connection = session.connection;
  if (connection === undefined) {
    core.drop("offline-qos-0", publication.route.topicName, session.clientId);
    return "dropped";
  }
  if (mustQueue(session, connection)) {
    const delivery = new Delivery(publication.kept(core.arena), 0, retain, pointToPoint, 0);
    delivery.receipt = publication.receipt;
    delivery.share = publication.share;
    return enqueueNew(core, session, delivery, publication.origin);
  }
  if (isBehindOwn(connection, publication)) {
    const delivery = new Delivery(publication.kept(core.arena), 0, retain, pointToPoint, 0);
    session.outbound.admit(delivery);
    hold(core, connection, new HeldOwnCopy(delivery));
    return "sent";
  }
  if (isCongested(core, connection)) {
    const reason = connection.phase > Phase.ACCEPTED ? "offline-qos-0" : "slow-receiver";
    core.drop(reason, publication.route.topicName, session.clientId);
    return "dropped";
  }
  if (publication.origin === connection) {
    setAside(core, session, publication, retain, pointToPoint);
    return "sent";
  }
  const flags = retain ? RETAIN_BIT : 0; // QoS 0, DUP 0 [MQTT-4.3.1-1]
  if (publication.payloadBytes >= REFERENCE_FROM_BYTES) {
    const message = publication.kept(core.arena);
    writeByReference(connection, flags, message.topic, 0, message);
  } else if (publication.isForwardable(0)) {
    writeForwarded(connection, flags, publication, 0);
  } else {
    const { block, payloadAt, payloadEnd } = publication;
    const topic = publication.shownTopic ?? publication.route.topic;
    writePublication(connection, flags, topic, 0, block, payloadAt, payloadEnd);
  }
  sent(core, connection, publication.payloadBytes, pointToPoint);
  return "sent";
}

/** A copy at QoS 0 of what its receiver has published at QoS 1 or 2 itself. [M31] */
function setAside(
  core: Core,
  session: ClientSession,
  publication: Publication,
  retain: boolean,
  pointToPoint: boolean,
): void {
  const delivery = new Delivery(publication.kept(core.arena), 0, retain, pointToPoint, 0);
  session.outbound.admit(delivery);
  if (session.connection !== undefined) publication.setAside(delivery, session.connection);
}

/**
 * Whether a message at QoS 0 must wait its turn: what came before it on the same topic may stand in
 * the queue, be held for the Store, or still have to be sent again.
 */
function mustQueue(session: ClientSession, { held, repeats }: Connection): boolean {
  return (
    session.outbound.queuedCount > 0 ||
    repeats !== undefined ||
    (held !== undefined && held.deliveryCount > 0)
  );
}

/** Whether it was published at QoS 0 behind what its publisher is still to get copies of. [M31] */
function isBehindOwn({ held, identity }: Connection, { from, qos }: Publication): boolean {
  if (held === undefined || held.ownCopyCount === 0 || qos > 0) return false;
  return from !== undefined && from === identity;
}

/** Another copy of a delivery in flight, under its old identifier. [MQTT-4.4.0-1] */
export function writeRepeat(core: Core, connection: Connection, delivery: Delivery): void {
  if (delivery.message === undefined) return;
  writeDelivery(connection, delivery, delivery.message, DUP_BIT); // [MQTT-3.3.1-1]
  core.touch(connection);
}

/**
 * PUBACK, PUBREC or PUBCOMP to a publisher: at once, or when everything that
 * the turn has recorded is durable. [M26]
 *
 * @param isRepeat - The turn need not have recorded anything: an earlier one has, perhaps.
 */
export function acknowledge(
  core: Core,
  connection: Connection,
  firstByte: number,
  packetId: number,
  isRepeat: boolean,
): void {
  // Another node waits for nobody else's acknowledgements: `cluster/peer-ack.ts`.
  if (isRepeat && core.obligations.isAnyOpen && !connection.isPeer) {
    holdBehindAll(core, connection, (firstByte << ID_BITS) | packetId);
  } else if (mustHold(core, connection) && !connection.isPeer) {
    hold(core, connection, (firstByte << ID_BITS) | packetId);
  } else {
    writeAcknowledgement(core, connection, firstByte, packetId);
  }
}

/** PUBREL to a receiver: in its turn among those, and behind no answer that it waits for as a publisher. */
export function acknowledgeReceipt(core: Core, connection: Connection, packetId: number): void {
  if (mustHoldRelease(core, connection)) {
    acknowledge(core, connection, PUBREL_BYTE, packetId, true);
  } else {
    writeAcknowledgement(core, connection, PUBREL_BYTE, packetId);
  }
}

/**
 * First sending. A QoS 2 message to a kept Session waits until its identifier is durable: after a
 * crash it would be sent again under another one, and arrive twice. What comes behind it waits too,
 * and so does a copy of what the receiver itself has published and is not acknowledged yet. [M31]
 */
export function send(
  core: Core,
  session: ClientSession,
  connection: Connection,
  delivery: Delivery,
  publication?: Publication,
): void {
  if (delivery.qos === 2 && session.storeKey !== 0) {
    holdBehindAll(core, connection, delivery);
  } else if (connection.held !== undefined && mustFollow(connection, connection.held, delivery)) {
    hold(core, connection, delivery);
  } else if (publication?.isForwardable(delivery.qos) === true) {
    writeForwarded(connection, flagsOf(delivery), publication, delivery.packetId);
    sent(core, connection, publication.payloadBytes, delivery.pointToPoint);
  } else {
    writeHeld(core, connection, delivery);
  }
}

/**
 * First sending of a copy to the publisher itself: behind its acknowledgement if that is held. What others
 * publish overtakes it, for that may wait for another node, and theirs is acknowledged already. [M31]
 */
export function sendOwn(
  core: Core,
  session: ClientSession,
  connection: Connection,
  delivery: Delivery,
): void {
  const isHeld = connection.held !== undefined && connection.held.length > 0;
  const isRecordedFirst = delivery.qos === 2 && session.storeKey !== 0;
  if (isHeld && !isRecordedFirst) hold(core, connection, new HeldOwnCopy(delivery));
  else send(core, session, connection, delivery);
}

/**
 * Whether a delivery stands behind what is held on its connection. Of one that was queued nobody knows
 * any more whose it is: up to the last own copy all of them wait, and what comes behind waits for them.
 */
function mustFollow(connection: Connection, held: Held, { sequence }: Delivery): boolean {
  return held.deliveryCount > 0 || (held.length > 0 && sequence <= connection.ownThrough);
}

/** The first copy of a delivery, at once. */
export function writeHeld(core: Core, connection: Connection, delivery: Delivery): void {
  const { message } = delivery;
  if (message === undefined) return;
  writeDelivery(connection, delivery, message, 0); // DUP 0 [MQTT-4.3.2-1] [MQTT-3.3.1-3]
  sent(core, connection, message.payloadEnd - message.payloadAt, delivery.pointToPoint);
  if (delivery.qos === 0) settle(core, delivery, "sent");
}

function sent(
  core: Core,
  connection: Connection,
  payloadBytes: number,
  pointToPoint: boolean,
): void {
  core.stats.messagesSent += 1;
  core.stats.payloadBytesSent += payloadBytes;
  if (pointToPoint) core.stats.pointToPointSent += 1;
  core.touch(connection);
}
