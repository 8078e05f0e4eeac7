import {
  PUBREL_BYTE,
  publishLength,
  writeAck,
  writePublish,
  writePublishHeader,
} from "../codec/index.js";
import type { QoS } from "../protocol/packet.js";
import { Delivery, DeliveryState, type Receipt } from "../session/delivery.js";
import type { Message } from "../session/message.js";
import { Outbound } from "../session/outbound.js";
import type { ClientSession } from "./client-directory.js";
import { type Connection, Phase } from "./connection.js";
import type { Core } from "./core.js";
import { REFERENCE_FROM_BYTES } from "./outbox.js";
import type { Publication } from "./publication.js";

const ACKNOWLEDGEMENT_BYTES = 4;
const DUP_BIT = 0x08;
const RETAIN_BIT = 0x01;
const QOS_SHIFT = 1;

/** A blocked connection with less than this waiting is left alone when the total is too high. */
const SMALL_BACKLOG_BYTES = 64 * 1024;

/**
 * Message -> one Session: written at once, queued, or dropped with a reason. §4.3, [M16] [M17] [M24]
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
): void {
  const qos = publication.qos < grantedQos ? publication.qos : grantedQos;
  if (qos === 0) {
    deliverAtMostOnce(core, session, publication, retain, pointToPoint);
    return;
  }
  const message = publication.kept(core.arena);
  deliverAcknowledged(core, session, message, qos, retain, pointToPoint, publication.receipt);
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
  if (session.outbound.queuedCount > 0) enqueue(core, session, delivery);
  else send(core, connection, delivery, message);
}

function deliverAcknowledged(
  core: Core,
  session: ClientSession,
  message: Message,
  qos: QoS,
  retain: boolean,
  pointToPoint: boolean,
  receipt: Receipt | undefined,
): void {
  const expiresMs = pointToPoint ? core.nowMs + core.limits.pointToPointAgeMs : 0;
  const delivery = new Delivery(message, qos, retain, pointToPoint, expiresMs);
  delivery.receipt = receipt;
  const connection = session.connection;
  if (connection === undefined || !session.outbound.hasRoom || isCongested(core, connection)) {
    enqueue(core, session, delivery);
    return;
  }
  session.outbound.begin(delivery);
  send(core, connection, delivery, message);
}

function deliverAtMostOnce(
  core: Core,
  session: ClientSession,
  publication: Publication,
  retain: boolean,
  pointToPoint: boolean,
): void {
  const connection = session.connection;
  if (connection === undefined) {
    core.drop("offline-qos-0", publication.route.topicName, session.clientId);
  } else if (session.outbound.queuedCount > 0) {
    // What came before it on the same topic may stand in the queue: it waits its turn behind that.
    const message = publication.kept(core.arena);
    enqueue(core, session, new Delivery(message, 0, retain, pointToPoint, 0));
  } else if (isCongested(core, connection)) {
    core.drop("slow-receiver", publication.route.topicName, session.clientId);
  } else {
    const topic = publication.shownTopic ?? publication.route.topic;
    const flags = retain ? RETAIN_BIT : 0;
    if (publication.payloadBytes >= REFERENCE_FROM_BYTES) {
      const message = publication.kept(core.arena);
      writeByReference(connection, flags, topic, 0, message);
    } else {
      const { block, payloadAt, payloadEnd } = publication;
      write(connection, flags, topic, 0, block, payloadAt, payloadEnd);
    }
    sent(core, connection, pointToPoint);
  }
}

/** Sends again what was in flight when the last connection ended, then what was queued. [M14] */
export function resume(core: Core, session: ClientSession, connection: Connection): void {
  for (const delivery of session.outbound.unacknowledged()) {
    core.stats.resent += 1;
    if (delivery.state === DeliveryState.AWAITING_PUBCOMP) {
      writePubrel(core, connection, delivery.packetId); // [MQTT-4.4.0-1]
    } else if (delivery.message !== undefined) {
      writeDelivery(connection, delivery, delivery.message, DUP_BIT); // [MQTT-3.3.1-1]
      core.touch(connection);
    }
  }
  pump(core, session);
}

/** Sends from the queue while window and peer have room. */
export function pump(core: Core, session: ClientSession): void {
  const connection = session.connection;
  if (connection === undefined || connection.phase !== Phase.ACCEPTED) return;
  while (session.outbound.queuedCount > 0 && !isCongested(core, connection)) {
    const delivery = session.outbound.next(core.nowMs);
    if (delivery === undefined) break;
    if (delivery.pointToPoint) core.stats.pointToPointKept -= 1;
    if (Outbound.isExpired(delivery, core.nowMs))
      abandon(core, delivery, "expired", session.clientId);
    else if (delivery.message !== undefined) send(core, connection, delivery, delivery.message);
  }
}

/** Puts a delivery into the Session's queue; what its bounds push out is dropped. [M17] [P9] */
export function enqueue(core: Core, session: ClientSession, delivery: Delivery): void {
  if (delivery.pointToPoint) {
    if (core.stats.pointToPointKept >= core.limits.pointToPointTotalMax) {
      abandon(core, delivery, "point-to-point-queue-full", session.clientId);
      return;
    }
    core.stats.pointToPointKept += 1;
  }
  const dropped: Delivery[] = [];
  session.outbound.enqueue(delivery, dropped);
  for (const victim of dropped) {
    if (victim.pointToPoint) core.stats.pointToPointKept -= 1;
    const reason = victim.pointToPoint ? "point-to-point-queue-full" : "queue-full";
    abandon(core, victim, reason, session.clientId);
  }
}

/** A delivery that goes no further: counted, told, and its receipt settled. */
export function abandon(
  core: Core,
  delivery: Delivery,
  reason:
    | "expired"
    | "queue-full"
    | "point-to-point-queue-full"
    | "session-ended"
    | "offline-qos-0",
  receiverId: string,
): void {
  core.drop(reason, delivery.message?.topicName ?? "", receiverId);
  delivery.receipt?.settle(reason === "expired" ? "expired" : "dropped");
}

/**
 * Whether this peer has so much waiting that new messages must not be written. [M24]
 *
 * A burst within one loop tick is no congestion: it is handed to the transport first.
 */
export function isCongested(core: Core, connection: Connection): boolean {
  const { link, outbox } = connection;
  const limit = core.limits.outboundBytesMax;
  if (link.unsentBytes === 0) {
    if (outbox.byteCount <= limit) return false;
    core.flushNow(connection);
    if (link.unsentBytes === 0) return outbox.byteCount > limit;
  }
  const waiting = link.unsentBytes + outbox.byteCount;
  core.blockedBytes += waiting - connection.blockedBytes;
  connection.blockedBytes = waiting;
  if (waiting > limit) return true;
  return core.blockedBytes > core.limits.outboundTotalBytesMax && waiting > SMALL_BACKLOG_BYTES;
}

/** PUBREL: the sender's second step at QoS 2. §4.3.3 */
export function writePubrel(core: Core, connection: Connection, packetId: number): void {
  writeAcknowledgement(core, connection, PUBREL_BYTE, packetId);
}

/** A packet of four bytes: PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK. */
export function writeAcknowledgement(
  core: Core,
  connection: Connection,
  firstByte: number,
  packetId: number,
): void {
  const at = connection.outbox.reserve(ACKNOWLEDGEMENT_BYTES);
  writeAck(connection.outbox.block, at, firstByte, packetId);
  core.touch(connection);
}

function send(core: Core, connection: Connection, delivery: Delivery, message: Message): void {
  writeDelivery(connection, delivery, message, 0); // first copy: DUP 0 [MQTT-4.3.2-1]
  sent(core, connection, delivery.pointToPoint);
}

function sent(core: Core, connection: Connection, pointToPoint: boolean): void {
  core.stats.messagesSent += 1;
  if (pointToPoint) core.stats.pointToPointSent += 1;
  core.touch(connection);
}

function writeDelivery(
  connection: Connection,
  delivery: Delivery,
  message: Message,
  dupBit: number,
): void {
  const flags = dupBit | (delivery.qos << QOS_SHIFT) | (delivery.retain ? RETAIN_BIT : 0);
  if (message.payloadEnd - message.payloadAt >= REFERENCE_FROM_BYTES) {
    writeByReference(connection, flags, message.topic, delivery.packetId, message);
  } else {
    const { topic, block, payloadAt, payloadEnd } = message;
    write(connection, flags, topic, delivery.packetId, block, payloadAt, payloadEnd);
  }
}

function write(
  connection: Connection,
  flags: number,
  topic: Uint8Array,
  packetId: number,
  payload: Uint8Array,
  payloadAt: number,
  payloadEnd: number,
): void {
  const qos = (flags >> QOS_SHIFT) & 3;
  const { outbox } = connection;
  const at = outbox.reserve(publishLength(topic.length, qos as QoS, payloadEnd - payloadAt)); // our own flags: never 3
  const { block } = outbox;
  writePublish(block, at, flags, topic, 0, topic.length, packetId, payload, payloadAt, payloadEnd);
}

/** Large payloads are not copied for each receiver: all of them share the kept bytes. */
function writeByReference(
  connection: Connection,
  flags: number,
  topic: Uint8Array,
  packetId: number,
  message: Message,
): void {
  const qos = (flags >> QOS_SHIFT) & 3;
  const payloadBytes = message.payloadEnd - message.payloadAt;
  const { outbox } = connection;
  const length = publishLength(topic.length, qos as QoS, payloadBytes); // our own flags: never 3
  const at = outbox.reserve(length - payloadBytes);
  writePublishHeader(outbox.block, at, flags, topic, packetId, payloadBytes);
  outbox.append(message.payload);
}
