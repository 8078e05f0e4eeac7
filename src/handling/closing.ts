import type { CloseReason } from "../ports/reasons.js";
import type { SessionRecord } from "../ports/store.js";
import type { Will } from "../protocol/packet.js";
import { abandon } from "../sending/queueing.js";
import { type Delivery, DeliveryState } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { countUp } from "../state/stats.js";
import { textOfKey } from "../topic/map-key.js";
import { publishMessage } from "./publishing.js";

/**
 * Ends a Network Connection: what is in its outbox is sent, its Will published unless it said
 * DISCONNECT, its Session kept or ended. [MQTT-3.1.2-8] [MQTT-3.14.4-3] [M2]
 */
export function closeConnection(core: Core, connection: Connection, reason: CloseReason): void {
  if (connection.phase === Phase.CLOSED) return;
  core.flushNow(connection);
  connection.phase = Phase.CLOSED;
  core.wheel.cancel(connection);
  core.connections.delete(connection);
  core.owing.delete(connection);
  core.holding.delete(connection);
  core.unfinished.set(connection, 0);
  connection.reader.discard(); // a socket may linger for seconds
  connection.link.close();
  connection.outbox.sent(false);
  core.blockedBytes -= connection.blockedBytes;
  connection.blockedBytes = 0;
  connection.retainedBacklog = undefined;
  connection.attempt = undefined;
  core.stats.connections -= 1;
  countUp(core.stats.closes, reason);
  const { session, identity, violation, link } = connection;
  if (violation !== undefined) countUp(core.stats.violations, violation.code);
  core.events.onDisconnect?.(identity, reason, violation, link.remoteAddress);
  if (connection.acceptance !== undefined) abandonAcceptance(core, connection);
  if (session === undefined) return;
  dropHeld(core, session, connection);
  leaveSession(core, session, connection);
  // Now that nobody is connected: a Will to its own Client is queued, not written to a closed Link.
  publishWill(core, connection, reason);
}

/**
 * Ends a Session: nothing of it is left to a later one. [MQTT-3.1.2-6] [M25]
 *
 * @returns how many messages it had.
 */
export function endSession(core: Core, session: ClientSession): number {
  const { outbound } = session;
  core.sessions.remove(session);
  core.stats.pointToPointKept += outbound.tally();
  const deliveries = outbound.drain();
  for (const delivery of deliveries) {
    if (delivery.pointToPoint && delivery.packetId === 0) core.stats.pointToPointKept -= 1;
    // Behind PUBREC the receiver has it: only the end of the handshake is missing. §4.3.3
    if (delivery.state === DeliveryState.AWAITING_PUBCOMP) delivery.receipt?.settle("delivered");
    else abandon(core, delivery, "session-ended", session.clientId);
  }
  for (const key of session.subscriptions.keys()) core.trie.remove(textOfKey(key), session);
  session.unsubscribeAll();
  if (session.storeKey !== 0) core.store.deleteOwner(session.storeKey);
  return deliveries.length;
}

/** A connection that claimed a Session ends before the Store has recorded that. */
function abandonAcceptance(core: Core, connection: Connection): void {
  const session = connection.acceptance?.session;
  connection.acceptance = undefined;
  takeWill(core, connection); // nobody was told that it was accepted
  if (session === undefined || session.claimant !== connection) return;
  session.claimant = undefined;
  goOffline(core, session);
}

/** What was held at QoS 0 goes with the connection; the rest is in flight in its Session. [M17] */
function dropHeld(core: Core, session: ClientSession, connection: Connection): void {
  for (const delivery of connection.held?.qos0() ?? []) {
    abandon(core, delivery, "offline-qos-0", session.clientId);
  }
  connection.held = undefined;
}

/** The connection is not the owner any more; the Session goes on without one, or ends. */
function leaveSession(core: Core, session: ClientSession, connection: Connection): void {
  if (session.connection !== connection) return; // somebody took over long ago [P16] [F04]
  session.connection = undefined;
  goOffline(core, session);
}

/** Nobody is connected: a Clean Session ends, another one is kept. [MQTT-3.1.2-4] [MQTT-4.1.0-2] */
function goOffline(core: Core, session: ClientSession): void {
  if (session.cleanSession) {
    endSession(core, session);
    return;
  }
  const dropped: Delivery[] = [];
  session.outbound.dropQos0(dropped);
  for (const delivery of dropped) {
    if (delivery.pointToPoint) core.stats.pointToPointKept -= 1;
    abandon(core, delivery, "offline-qos-0", session.clientId);
  }
  session.outbound.unload();
  core.sessions.setOffline(session, core.nowMs);
  if (session.storeKey !== 0) core.store.putSession(sessionRecord(session, core.nowMs));
}

/** A Session as the Store keeps it. */
export function sessionRecord(session: ClientSession, offlineSinceMs: number): SessionRecord {
  const { storeKey, clientId, username } = session;
  return { key: storeKey, clientId, username, offlineSinceMs };
}

/** What a Will counts against `limits.willBytesMax`. */
export function willBytes(will: Will): number {
  return will.topicName.length + will.payload.length;
}

function publishWill(core: Core, connection: Connection, reason: CloseReason): void {
  const { identity, session } = connection;
  const will = takeWill(core, connection);
  if (will === undefined) return; // [MQTT-3.1.2-12]
  if (reason === "disconnected") return;
  if (reason === "taken-over" && !core.settings.willOnTakeOver) return;
  const durable = session?.cleanSession === false;
  // With RETAIN it is kept as well, like any message. [MQTT-3.1.2-16] [MQTT-3.1.2-17]
  publishMessage(core, identity, durable, will.topicName, will.payload, will.qos, will.retain);
}

/** Takes the Will out of all state: it is sent at most once. [MQTT-3.1.2-10] */
function takeWill(core: Core, connection: Connection): Will | undefined {
  const { will } = connection;
  if (will === undefined) return undefined;
  connection.will = undefined;
  core.stats.willBytes -= willBytes(will);
  if (connection.willKey !== 0) core.store.deleteWill(connection.willKey);
  return will;
}
