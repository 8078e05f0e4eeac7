import type { QoS } from "../protocol/packet.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Connection, RetainedBacklog } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { TextMap } from "../topic/text-map.js";
import { deliverRetained } from "./delivery.js";
import { isWelcome } from "./guarding.js";
import { isCongested } from "./outgoing.js";
import { pump } from "./resuming.js";

/** Retained messages taken from the tree at once. */
const SLICE = 64;
/** What one slice costs, in units of work: its walk through the tree, and each message twice. [D18] */
export const SLICE_UNITS = 2 * SLICE;
/** What it costs to hand the transport as much as may wait. */
const FLUSH_UNITS = 100;
/** From so many bytes on, each retained message asks for room of its own. */
const LARGE_BYTES = 4 * 1024;
/** Above this many bytes waiting for the peer, more retained messages have time. */
const WAITING_BYTES_MAX = 256 * 1024;

/**
 * Notes that a new Subscription is to be served its retained messages. [MQTT-3.3.1-6] [M5]
 * Subscribing again to a filter that is still owed some starts over: one entry a filter. [D14]
 */
export function owe(
  core: Core,
  connection: Connection,
  topicFilter: string,
  grantedQos: QoS,
): void {
  if (core.retained.size === 0) return;
  connection.retainedBacklog ??= new TextMap();
  const cursor = core.retained.cursor(topicFilter);
  connection.retainedBacklog.set(topicFilter, { cursor, grantedQos, rest: [] });
}

/** A Subscription was removed: what it is still owed is new to it. [MQTT-3.10.4-2] */
export function forgive(connection: Connection, topicFilter: string): void {
  connection.retainedBacklog?.delete(topicFilter);
}

/**
 * Sends what waits for this Session: first its queue, then the retained messages of its new
 * Subscriptions, as long as window, queue and peer have room and the turn does not become long.
 *
 * @returns false when something is left although nothing is in its way: call it again in a later
 *   turn.
 */
export function proceed(core: Core, session: ClientSession): boolean {
  if (!pump(core, session)) return false;
  // A filter that comes twice in one SUBSCRIBE is owed once. [D11]
  if (session.connection !== undefined && session.connection.grantsUnderWay > 0) return true;
  return sendRetained(core, session);
}

function sendRetained(core: Core, session: ClientSession): boolean {
  const { connection } = session;
  const backlog = connection?.retainedBacklog;
  if (connection === undefined || backlog === undefined) return true;
  for (const [topicFilter, owed] of backlog) {
    sendRest(core, session, connection, owed, true);
    for (let more = true; more || owed.rest.length > 0; core.workLeft -= SLICE_UNITS) {
      if (!makesRoom(core, session, connection)) return true;
      if (core.workLeft <= 0) return false;
      if (owed.rest.length === 0) {
        more = owed.cursor.next(SLICE, owed.rest);
        owed.rest.reverse();
      }
      sendRest(core, session, connection, owed, false);
    }
    backlog.delete(topicFilter);
  }
  connection.retainedBacklog = undefined;
  return true;
}

/**
 * Sends what was taken from the tree, until a large message finds no room.
 *
 * @param isOld - It was taken in an earlier turn: what was replaced since then is out of date.
 */
function sendRest(
  core: Core,
  session: ClientSession,
  connection: Connection,
  { rest, grantedQos }: RetainedBacklog,
  isOld: boolean,
): void {
  for (let message = rest.at(-1); message !== undefined; message = rest.at(-1)) {
    if (message.byteCount >= LARGE_BYTES && !hasRoom(core, session, connection)) return;
    rest.pop();
    if (!isWelcome(session, message.topicName)) continue; // [H01]
    if (isOld && core.retained.get(message.topicName) !== message) continue;
    if (!core.authors.mayStill(message)) {
      core.drop("author-denied", message.topicName, session.clientId); // [H04]
      continue;
    }
    deliverRetained(core, session, connection, message, grantedQos);
  }
}

/**
 * Whether there is room, if need be by a flush: a transport that takes everything at once would not
 * say so.
 */
function makesRoom(core: Core, session: ClientSession, connection: Connection): boolean {
  if (hasRoom(core, session, connection)) return true;
  const { link, outbox } = connection;
  if (link.unsentBytes > 0 || outbox.byteCount <= WAITING_BYTES_MAX) return false;
  core.workLeft -= FLUSH_UNITS;
  core.flushNow(connection);
  return hasRoom(core, session, connection);
}

/** Half of the queue stays free for live messages. */
function hasRoom(core: Core, session: ClientSession, connection: Connection): boolean {
  if (session.outbound.queuedCount > core.limits.queueMessagesMax / 2) return false;
  if (session.outbound.queuedBytes > core.limits.queueBytesMax / 2) return false;
  if (isCongested(core, connection)) return false;
  return connection.link.unsentBytes + connection.outbox.byteCount <= WAITING_BYTES_MAX;
}
