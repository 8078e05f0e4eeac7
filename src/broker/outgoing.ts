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
import type { QoS } from "../protocol/packet.js";
import type { Delivery } from "../session/delivery.js";
import type { Message } from "../session/message.js";
import type { Connection } from "./connection.js";
import type { Core } from "./core.js";
import { REFERENCE_FROM_BYTES } from "./outbox.js";

const ACKNOWLEDGEMENT_BYTES = 4;
/** The DUP flag of a PUBLISH. */
export const DUP_BIT = 0x08;
/** The RETAIN flag of a PUBLISH. */
export const RETAIN_BIT = 0x01;
const QOS_SHIFT = 1;
/** A blocked connection with less than this waiting is left alone when the total is too high. */
const SMALL_BACKLOG_BYTES = 64 * 1024;

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

/**
 * Stops reading a peer that sends but does not take its answers: nothing else bounds these. Twice
 * the bound of messages, so that nobody who only reads slowly is ever not read. [M24]
 */
export function stopReadingDeaf(core: Core, connection: Connection): void {
  const { link, outbox } = connection;
  const limit = 2 * core.limits.outboundBytesMax;
  if (outbox.byteCount <= limit || connection.isDeaf) return;
  core.flushNow(connection);
  if (outbox.byteCount <= limit) return;
  connection.isDeaf = true;
  link.pause();
}

/** Reads a peer again unless something is still in the way. */
export function resumeReading({ link, isDeaf, isThrottled }: Connection): void {
  if (!isDeaf && !isThrottled) link.resume();
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

/** A PUBLISH of a kept message under the identifier of its delivery. */
export function writeDelivery(
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
  const at = outbox.reserve(publishLength(topic.length, qos as QoS, payloadEnd - payloadAt)); // our own flags: never 3
  const { block } = outbox;
  writePublish(block, at, flags, topic, 0, topic.length, packetId, payload, payloadAt, payloadEnd);
}

/**
 * A PUBLISH at QoS 0 as it came, under a fixed header of our own: Topic Name and payload lie side by
 * side in what was received, and are copied in one go. A sixth less CPU for one pair of Clients than
 * {@link writePublication}.
 *
 * @param from - Where its variable header begins in `source`.
 */
export function writeForwarded(
  connection: Connection,
  flags: number,
  source: DataView,
  from: number,
  to: number,
): void {
  const remainingLength = to - from;
  const { outbox } = connection;
  const at = outbox.reserve(1 + remainingLengthSize(remainingLength) + remainingLength);
  const { block, view } = outbox;
  block[at] = PUBLISH_BYTE | flags;
  copyBytesByView(source, from, to, view, writeRemainingLength(block, at + 1, remainingLength));
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
  const at = outbox.reserve(length - payloadBytes);
  writePublishHeader(outbox.block, at, flags, topic, packetId, payloadBytes);
  outbox.append(message.payload);
}
