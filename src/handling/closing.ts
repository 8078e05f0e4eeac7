import type { CloseReason } from "../ports/reasons.js";
import { abandon } from "../sending/queueing.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { countUp } from "../state/stats.js";
import { goOffline } from "./ending.js";
import { leaveBehind } from "./remains.js";
import { discardWill, publishWill } from "./wills.js";

/** What the end of a connection costs besides its Session and its Will: a close is a call of the system. */
const CLOSE_UNITS = 20;

/**
 * Ends a Network Connection: what is in its outbox is sent, its Will published unless it said
 * DISCONNECT, its Session kept or ended. [MQTT-3.1.2-8] [MQTT-3.14.4-3] [M2]
 */
export function closeConnection(core: Core, connection: Connection, reason: CloseReason): void {
  if (connection.phase === Phase.CLOSED) return;
  core.workLeft -= CLOSE_UNITS;
  core.flushNow(connection);
  connection.phase = Phase.CLOSED;
  core.wheel.cancel(connection);
  const isClient = core.connections.delete(connection);
  core.owing.delete(connection);
  core.busy.delete(connection);
  core.waiting.delete(connection);
  core.holding.delete(connection);
  core.rechecking.delete(connection);
  core.unfinished.set(connection, 0);
  connection.reader.discard(); // a socket may linger for seconds
  connection.link.close();
  connection.outbox.sent(false);
  core.budgets.blocked.give(connection.blockedBytes);
  connection.blockedBytes = 0;
  connection.retainedBacklog = undefined;
  connection.repeats = undefined;
  connection.waiting = undefined;
  if (isClient) {
    core.budgets.connections.give(1);
    tellEnd(core, connection, reason);
  } else core.cluster.closed(connection);
  const { session } = connection;
  if (connection.connecting !== undefined) abandonConnect(core, connection);
  if (session === undefined) return;
  dropHeld(core, session, connection);
  leaveTask(core, session, connection);
  leaveSession(core, session, connection);
  // Now that nobody is connected: a Will to its own Client is queued, not written to a closed Link.
  publishWill(core, connection, reason);
}

/** Counts and tells why a connection ends. */
function tellEnd(core: Core, connection: Connection, reason: CloseReason): void {
  const { identity, connecting, violation, link } = connection;
  countUp(core.stats.closes, reason);
  if (violation !== undefined) countUp(core.stats.violations, violation.code);
  const { onHangUp, onDisconnect, onLeave } = core.events;
  if (onHangUp !== undefined && !ENDED_OTHERWISE.has(reason)) {
    onHangUp(
      identity ?? connecting?.identity ?? connecting?.connect,
      reason,
      violation,
      link,
      connection,
    );
  }
  onDisconnect?.(identity, reason, violation, link.remoteAddress, link.listener, connection);
  if (identity !== undefined) onLeave?.(identity, connection, reason);
}

/** Ends that are the peer's doing, or told already. */
const ENDED_OTHERWISE: ReadonlySet<CloseReason> = new Set([
  "disconnected",
  "connection-lost",
  "refused",
]);

/** A connection ends before its CONNECT was answered. */
function abandonConnect(core: Core, connection: Connection): void {
  const session = connection.connecting?.session;
  connection.connecting = undefined;
  discardWill(core, connection); // nobody was told that it was accepted
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

/** What it has begun and must be done to its end goes on without it. */
function leaveTask(core: Core, { clientId }: ClientSession, connection: Connection): void {
  const { task } = connection;
  connection.task = undefined;
  if (task === undefined || !task.outlivesConnection) return;
  if (task === core.remains.get(clientId))
    core.busy.add(task); // of its predecessor
  else leaveBehind(core, clientId, task);
}

/** The connection is not the owner any more; the Session goes on without one, or ends. */
function leaveSession(core: Core, session: ClientSession, connection: Connection): void {
  if (session.connection !== connection) return; // somebody took over long ago [P16] [F04]
  session.connection = undefined;
  goOffline(core, session);
}
