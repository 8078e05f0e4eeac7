import {
  copyBytesByView,
  PUBLISH_BYTE,
  publishLength,
  remainingLengthSize,
  writeAck,
  writePublish,
  writePublishHeader,
  writeRemainingLength,
} from "../codec/raw.js";
import { REFERENCE_FROM_BYTES } from "../ports/outbox.js";
import { assert } from "../protocol/assert.js";
import type { QoS } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import type { Delivery } from "../session/delivery.js";
import type { Message } from "../session/message.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Publication } from "../state/publication.js";
import { isStoppedFor, StopReason, stopReading } from "../state/reading.js";

const ACKNOWLEDGEMENT_BYTES = 4;
/** The DUP flag of a PUBLISH. */
export const DUP_BIT = 0x08;
/** The RETAIN flag of a PUBLISH. */
export const RETAIN_BIT = 0x01;
const QOS_SHIFT = 1;
/** Of the type in a packet's first byte. */
const TYPE_SHIFT = 4;
/** A blocked connection with less than this waiting is left alone when the total is too high. */
const SMALL_BACKLOG_BYTES = 64 * 1024;

/**
 * Whether this peer has so much waiting that new messages must not be written. [M24]
 *
 * A burst within one loop tick is no congestion: it is handed to the transport first.
 */
export function isCongested(core: Core, connection: Connection): boolean {
  const { link, outbox } = connection;
  if (connection.phase > Phase.ACCEPTED) return true; // it is about to be closed
  const limit = core.limits.outboundBytesMax;
  if (link.unsentBytes === 0) {
    if (outbox.byteCount <= limit) return false;
    core.flushNow(connection);
    if (link.unsentBytes === 0) return outbox.byteCount > limit;
  }
  const waiting = link.unsentBytes + outbox.byteCount;
  core.budgets.blocked.take(waiting - connection.blockedBytes);
  connection.blockedBytes = waiting;
  if (waiting > limit) return true;
  return !core.budgets.blocked.hasRoom(0) && waiting > SMALL_BACKLOG_BYTES;
}

/**
 * Stops reading a peer that sends but does not take its answers: nothing else bounds these. Twice
 * the bound of messages, and the largest there may be on top of it, so that nobody who only reads
 * slowly is ever not read. [M24]
 */
export function stopReadingDeaf(core: Core, connection: Connection): void {
  const { outbox } = connection;
  const limit = 2 * core.limits.outboundBytesMax + core.limits.packetBytesMax;
  if (outbox.byteCount <= limit || isStoppedFor(connection, StopReason.DEAF)) return;
  core.flushNow(connection);
  if (outbox.byteCount <= limit) return;
  stopReading(connection, StopReason.DEAF);
}

/** Whether anything waits for a peer that has taken what was unsent: to be written, sent or read. */
export function awaitsRoom(connection: Connection): boolean {
  const { link, outbox, blockedBytes, retainedBacklog } = connection;
  if (link.unsentBytes > 0 || outbox.byteCount > 0 || blockedBytes > 0) return true;
  return retainedBacklog !== undefined || isStoppedFor(connection, StopReason.DEAF);
}

/** A packet of four bytes: PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK. */
export function writeAcknowledgement(
  core: Core,
  connection: Connection,
  firstByte: number,
  packetId: number,
): void {
  const at = connection.outbox.reserve(
    (firstByte >> TYPE_SHIFT) as PacketType,
    ACKNOWLEDGEMENT_BYTES,
  );
  writeAck(connection.outbox.block, at, firstByte, packetId);
  core.touch(connection);
}

/** QoS and RETAIN of a delivery as the low bits of the first byte. */
export function flagsOf({ qos, retain }: Delivery): number {
  return (qos << QOS_SHIFT) | (retain ? RETAIN_BIT : 0);
}

/** A PUBLISH of a kept message under the identifier of its delivery. */
export function writeDelivery(
  connection: Connection,
  delivery: Delivery,
  message: Message,
  dupBit: number,
): void {
  const flags = dupBit | flagsOf(delivery);
  if (message.payloadEnd - message.payloadAt >= REFERENCE_FROM_BYTES) {
    writeByReference(connection, flags, message.topic, delivery.packetId, message);
  } else {
    const { topic, block, payloadAt, payloadEnd } = message;
    writePublication(connection, flags, topic, delivery.packetId, block, payloadAt, payloadEnd);
  }
}

/** A PUBLISH whose payload is copied: a small one, or one that dies with the turn. */
export function writePublication(
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
  const length = publishLength(topic.length, qos as QoS, payloadEnd - payloadAt); // our own flags: never 3
  const at = outbox.reserve(PacketType.PUBLISH, length);
  const { block } = outbox;
  writePublish(block, at, flags, topic, 0, topic.length, packetId, payload, payloadAt, payloadEnd);
}

/**
 * A PUBLISH as it came, under a fixed header and a Packet Identifier of our own: Topic Name and
 * payload lie in what was received as they are to be sent, and are copied in one go. A sixth less
 * CPU for one pair of Clients at QoS 0 than {@link writePublication}.
 *
 * @param publication - One that `isForwardable` at this QoS.
 * @param packetId - 0 at QoS 0.
 */
export function writeForwarded(
  connection: Connection,
  flags: number,
  { view, bodyAt, payloadAt, payloadEnd }: Publication,
  packetId: number,
): void {
  assert(view !== undefined, "what is forwarded has a view");
  const remainingLength = payloadEnd - bodyAt;
  const { outbox } = connection;
  const at = outbox.reserve(
    PacketType.PUBLISH,
    1 + remainingLengthSize(remainingLength) + remainingLength,
  );
  const { block, view: target } = outbox;
  block[at] = PUBLISH_BYTE | flags;
  const into = writeRemainingLength(block, at + 1, remainingLength);
  copyBytesByView(view, bodyAt, payloadEnd, target, into);
  if (packetId !== 0) target.setUint16(into + payloadAt - bodyAt - 2, packetId);
}

/** Large payloads are not copied for each receiver: all of them share the kept bytes. */
export function writeByReference(
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
  const at = outbox.reserve(PacketType.PUBLISH, length - payloadBytes, payloadBytes);
  writePublishHeader(outbox.block, at, flags, topic, packetId, payloadBytes);
  outbox.append(message.payload);
}
