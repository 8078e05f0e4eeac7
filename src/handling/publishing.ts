import type { PacketReader } from "../codec/index.js";
import { PUBACK_BYTE, PUBCOMP_BYTE, PUBREC_BYTE, PUBREL_BYTE } from "../codec/raw.js";
import type { Identity } from "../ports/policy.js";
import type { DropReason } from "../ports/reasons.js";
import { assert } from "../protocol/assert.js";
import type { QoS } from "../protocol/packet.js";
import { acknowledge } from "../sending/delivery.js";
import { record, unrecord } from "../sending/durability.js";
import { sendOwnCopies } from "../sending/own-copies.js";
import { proceed } from "../sending/retained-backlog.js";
import type { Delivery } from "../session/delivery.js";
import { Message } from "../session/message.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Connection } from "../state/connection.js";
import { copyOf } from "../state/copy-of.js";
import type { Core } from "../state/core.js";
import { Publication } from "../state/publication.js";
import { type Route, RouteKind } from "../state/route-table.js";
import { route } from "./router.js";

/** PUBLISH from a Client, read in place. §3.3 */
export function onPublish(core: Core, connection: Connection, reader: PacketReader): void {
  const session = sessionOf(connection);
  const { qos, packetId } = reader;
  if (qos === 2 && !session.inbound.receive(packetId)) {
    core.stats.repeats += 1;
    acknowledge(core, connection, PUBREC_BYTE, packetId, true); // [MQTT-4.3.3-2] [M4]
    return;
  }
  // Identifier and message are recorded in one turn, and so become durable together. [M4]
  if (qos === 2 && session.storeKey !== 0) core.store.putInbound(session.storeKey, packetId);
  core.stats.messagesReceived += 1;
  const { bytes, view, topicAt, topicEnd } = reader;
  const found = core.routes.find(bytes, topicAt, topicEnd, reader.topicHash, view);
  const { publication } = core;
  publication.from = connection.identity;
  publication.senderIsDurable = !session.cleanSession;
  publication.set(found, qos, reader.retain, bytes, reader.payloadAt, reader.end);
  publication.bodyAt = reader.bodyAt;
  publication.view = view;
  if (qos > 0) publication.isAwaitedBy(connection);
  const refusal = refusalOf(core, publication);
  if (refusal === undefined) accept(core, publication);
  else refuse(core, connection, found, refusal);
  publication.clear();
  if (found.kind === RouteKind.MALFORMED && core.settings.pointToPointMalformed === "hang-up") {
    core.doom(connection, "denied"); // [P2]
  }
  if (connection.doomReason === "denied") {
    // Closed instead of acknowledged; its repeat after a resume is judged anew. [MQTT-3.3.5-2]
    if (qos === 2) release(core, session, packetId);
    return;
  }
  if (qos === 0) return;
  const firstByte = qos === 1 ? PUBACK_BYTE : PUBREC_BYTE;
  acknowledge(core, connection, firstByte, packetId, false); // [MQTT-3.3.4-1] [MQTT-2.3.1-6]
  if (publication.ownCopies.length > 0) sendOwnCopies(core, session, connection, publication); // [M31]
}

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
  acknowledge(core, connection, PUBREL_BYTE, packetId, true); // [MQTT-4.3.3-1]
}

/** PUBREL: the Client will not repeat this message; PUBCOMP, known or not. §3.6 [M13] */
export function onPubrel(core: Core, connection: Connection, packetId: number): void {
  const session = sessionOf(connection);
  if (!release(core, session, packetId)) core.stats.unexpectedAcknowledgements += 1;
  acknowledge(core, connection, PUBCOMP_BYTE, packetId, true); // [MQTT-4.3.3-2]
}

/** The identifier of a QoS 2 message is free again. @returns whether it was in use. */
function release(core: Core, session: ClientSession, packetId: number): boolean {
  if (!session.inbound.release(packetId)) return false;
  if (session.storeKey !== 0) core.store.deleteInbound(session.storeKey, packetId);
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
    connection.progressMs = core.nowMs;
    unrecord(core, session, delivery);
    delivery.receipt?.settle("delivered");
  }
  return !hasMore(session, connection) || proceed(core, session);
}

/**
 * A message that comes as a whole: a Will, or from the broker's owner.
 *
 * @param from - Whose permissions count; `undefined`: the owner may do anything.
 * @param payload - Kept by reference: it must not change any more.
 * @returns why it was refused, `undefined` when it was passed on.
 */
export function publishMessage(
  core: Core,
  from: Identity | undefined,
  senderIsDurable: boolean,
  topicName: string,
  payload: Uint8Array,
  qos: QoS,
  retain: boolean,
): DropReason | undefined {
  const publication = new Publication(core.routes.of(topicName));
  publication.from = from;
  publication.senderIsDurable = senderIsDurable;
  publication.set(publication.route, qos, retain, payload, 0, payload.length);
  const refusal = from === undefined ? undefined : refusalOf(core, publication);
  if (refusal === undefined) accept(core, publication);
  else core.drop(refusal, topicName, undefined);
  return refusal;
}

/** Whether a Client may send this, before anything of it takes effect. [M8] [M21] [M29] [P18] */
export function refusalOf(core: Core, publication: Publication): DropReason | undefined {
  const { route: found, from } = publication;
  if (publication.payloadBytes > core.limits.messageBytesMax) return "message-too-large";
  if (found.kind === RouteKind.DOLLAR && !core.allowsDollar(found)) return "dollar-topic";
  if (from === undefined) return undefined;
  const { mayPublish, maySendToClient } = core.policy;
  if (found.kind === RouteKind.CLIENT && maySendToClient !== undefined) {
    return maySendToClient(from, found.receiverId, found.parent) ? undefined : "denied";
  }
  if (mayPublish === undefined) return undefined;
  return mayPublish(from, found.topicName, publication) ? undefined : "denied";
}

function refuse(core: Core, connection: Connection, found: Route, reason: DropReason): void {
  core.drop(reason, found.topicName, undefined);
  if (reason === "denied" && core.settings.deniedPublish === "hang-up") {
    core.doom(connection, "denied"); // [MQTT-3.3.5-2]
  }
}

function accept(core: Core, publication: Publication): void {
  const { route: found, qos, retain } = publication;
  if (core.events.onPublish !== undefined) {
    const payload = publication.block.subarray(publication.payloadAt, publication.payloadEnd);
    core.events.onPublish(publication.from, found.topicName, payload, qos, retain);
  }
  if (retain) keepRetained(core, publication); // else what is kept stays [MQTT-3.3.1-12]
  route(core, publication);
}

/** RETAIN: the last message of a topic is kept for later subscribers, an empty one removes it. */
function keepRetained(core: Core, publication: Publication): void {
  const { topicName, topic, kind } = publication.route;
  if (kind === RouteKind.MALFORMED) return; // dropped whole by the router [P2]
  if (kind === RouteKind.CLIENT) {
    core.drop("retained-point-to-point", topicName, undefined); // [P13]
    return;
  }
  const { block, payloadAt, payloadEnd, qos } = publication;
  if (payloadAt === payloadEnd) {
    forgetRetained(core, topicName); // [MQTT-3.3.1-10] [MQTT-3.3.1-11]
    return;
  }
  // An array of its own: a small retained message must not keep a whole chunk alive.
  const payload = copyOf(block, payloadAt, payloadEnd);
  const message = new Message(topicName, topic, payload, 0, payload.length, qos);
  const previous = core.retained.get(topicName);
  const bytes = core.stats.retainedBytes - (previous?.byteCount ?? 0) + message.byteCount;
  const isFull =
    bytes > core.limits.retainedBytesMax ||
    (previous === undefined && core.retained.size >= core.limits.retainedMessagesMax);
  if (isFull) {
    // What was there is out of date now: nothing is served rather than the wrong thing.
    forgetRetained(core, topicName);
    core.drop("retained-full", topicName, undefined);
    return;
  }
  core.retained.set(topicName, message); // [MQTT-3.3.1-5] [MQTT-3.3.1-7]
  core.store.putRetained(message);
  core.stats.retainedBytes = bytes;
}

function forgetRetained(core: Core, topicName: string): void {
  const previous = core.retained.delete(topicName);
  if (previous === undefined) return;
  core.store.deleteRetained(topicName);
  core.stats.retainedBytes -= previous.byteCount;
}

/** Whether an acknowledgement may have made room for something that waits. */
function hasMore(session: ClientSession, connection: Connection): boolean {
  return session.outbound.queuedCount > 0 || connection.retainedBacklog !== undefined;
}

function sessionOf(connection: Connection): ClientSession {
  assert(connection.session !== undefined, "an accepted connection has a Session");
  return connection.session;
}
