import type { Identity } from "../ports/policy.js";
import type { Connect } from "../protocol/packet.js";
import { enqueue } from "../sending/queueing.js";
import { pump } from "../sending/resuming.js";
import { Session } from "../session/session.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { deadlineOf } from "../state/deadlines.js";
import { keepAliveFor } from "./attempt.js";
import { beginNumbering } from "./numbering.js";

/** A new Session, in the Store too unless it is a clean one. */
export function openSession(core: Core, connect: Connect): ClientSession {
  const { clientId, cleanSession, username } = connect;
  const { limits, store, memory } = core;
  const key = cleanSession ? 0 : store.nextKey();
  const pages = key === 0 ? undefined : store.pagesOf(key);
  const session: ClientSession = new Session(
    clientId,
    cleanSession,
    username,
    limits,
    key,
    pages,
    memory.messages,
  );
  if (key !== 0) session.storeTicket = store.openTicket;
  beginNumbering(core, session);
  core.sessions.add(session);
  return session;
}

/** From here on the Session, and with it every message to this Client, is this connection's. [P16] */
export function attach(
  core: Core,
  connection: Connection,
  session: ClientSession,
  connect: Connect,
  identity: Identity,
): void {
  session.connection = connection;
  core.shares.setOnline(session, true);
  session.claimant = undefined;
  connection.session = session;
  connection.identity = identity;
  connection.phase = Phase.ACCEPTED;
  connection.reader.packetBytesMax = core.limits.packetBytesMax;
  connection.keepAliveSeconds = keepAliveFor(core.limits, connect.keepAliveSeconds);
  connection.protocolLevel = connect.protocolLevel;
  connection.lastPacketMs = core.nowMs;
  core.wheel.schedule(connection, deadlineOf(core.limits, connection));
  core.stats.connectsAccepted += 1;
  takeRemains(core, connection, session.clientId);
}

/** What is left of the Client's last connection comes before what it sends over this one. */
function takeRemains(core: Core, connection: Connection, clientId: string): void {
  if (core.remains.size === 0) return;
  const remains = core.remains.get(clientId);
  if (remains === undefined) return;
  core.busy.delete(remains);
  connection.task = remains;
  core.postpone(connection);
}

/**
 * What was sent to a Client before it had a Session. [P7] [P10]
 *
 * @returns how many messages.
 */
export function takeKept(core: Core, connection: Connection, session: ClientSession): number {
  const { deliveries, found } = core.inboxes.take(session.clientId);
  core.budgets.pointToPoint.take(found - deliveries.length);
  for (const delivery of deliveries) enqueue(core, session, delivery);
  if (deliveries.length > 0 && !pump(core, session)) core.owing.add(connection);
  return deliveries.length;
}
