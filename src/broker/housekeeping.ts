import { closeConnection } from "../handling/closing.js";
import { endSession } from "../handling/ending.js";
import { readOn } from "../handling/throttling.js";
import { endOldQuestions, goOn } from "../handling/waiting.js";
import { unrecord } from "../sending/durability.js";
import { abandon } from "../sending/queueing.js";
import type { Delivery } from "../session/delivery.js";
import type { ClientSession } from "../state/client-directory.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { deadlineOf, stalledAtMs } from "../state/deadlines.js";

/** Sessions and inboxes looked at in one tick at most: a tick stays short. */
const CLEAN_UP_MAX = 1_000;
/** Their messages, counted or removed in one tick; the last Session or inbox is done as a whole. */
const CLEAN_UP_MESSAGES_MAX = 5_000;

const due: Connection[] = [];

/** Everything that only time brings: silence, waits that took too long, age. Once a tick. */
export function keepHouse(core: Core): void {
  core.wheel.advance(core.nowMs, due);
  for (const connection of due) wake(core, connection);
  due.length = 0;
  endOldQuestions(core);
  core.obligations.expire(core.nowMs);
  core.pool.trim();
  core.usage.tick(core.nowMs);
  core.stats.busiest = core.usage.busiest;
  endOldSessions(core);
  expireQueued(core);
  const { expired, found } = core.inboxes.expire(core.nowMs, CLEAN_UP_MAX, CLEAN_UP_MESSAGES_MAX);
  core.budgets.pointToPoint.take(found - expired.length);
  for (const { clientId, delivery } of expired) abandon(core, delivery, "expired", clientId);
}

/**
 * Old point-to-point messages in the queues of offline Clients: some Sessions a tick, in turn, so
 * that what nobody comes for does not fill the total for everybody. Queues from an earlier run are
 * counted on the way. [P9]
 */
function expireQueued(core: Core): void {
  const count = Math.min(CLEAN_UP_MAX, core.sessions.offlineCount);
  for (let looked = 0, messages = 0; looked < count && messages < CLEAN_UP_MESSAGES_MAX; ) {
    const session = core.sessions.nextOffline();
    looked += 1;
    if (session === undefined) continue;
    const { outbound } = session;
    const known = outbound.queuedCount;
    core.budgets.pointToPoint.take(outbound.tally());
    messages += outbound.queuedCount - known;
    messages += expireIn(core, session);
  }
}

/** @returns how many were too old. */
function expireIn(core: Core, session: ClientSession): number {
  if (session.outbound.queuedPointToPointCount === 0) return 0;
  const expired: Delivery[] = [];
  session.outbound.removeExpired(core.nowMs, expired);
  for (const delivery of expired) {
    unrecord(core, session, delivery);
    core.budgets.pointToPoint.give();
    abandon(core, delivery, "expired", session.clientId);
  }
  return expired.length;
}

function wake(core: Core, connection: Connection): void {
  const deadlineMs = deadlineOf(core.limits, connection);
  if (deadlineMs > core.nowMs) {
    core.wheel.schedule(connection, deadlineMs);
    return;
  }
  if (connection.phase === Phase.EXPECTING_CONNECT) {
    closeConnection(core, connection, "connect-timeout");
  } else if (connection.expiresAtMs <= core.nowMs) {
    closeConnection(core, connection, "credentials-expired");
  } else if (connection.waiting !== undefined && connection.waiting.deadlineMs <= core.nowMs) {
    goOn(core, connection, connection.waiting.timeUp); // a late answer finds nothing
  } else if ((connection.allowance?.readAgainMs ?? core.nowMs + 1) <= core.nowMs) {
    readOn(core, connection);
  } else if (stalledAtMs(core.limits, connection) <= core.nowMs) {
    closeConnection(core, connection, "stalled"); // [M24]
  } else {
    closeConnection(core, connection, "keep-alive"); // [MQTT-3.1.2-24]
  }
}

/** Sessions nobody came back to: too old, or too many. [F12] */
function endOldSessions(core: Core): void {
  let messages = 0;
  for (let count = 0; count < CLEAN_UP_MAX && messages < CLEAN_UP_MESSAGES_MAX; count += 1) {
    const isFull = core.sessions.offlineCount > core.limits.offlineSessionsMax;
    const beforeMs = isFull ? Number.POSITIVE_INFINITY : core.nowMs - core.limits.sessionExpiryMs;
    const session = core.sessions.longestOffline(beforeMs);
    if (session === undefined) return;
    messages += endSession(core, session);
    core.stats.sessionsExpired += 1;
  }
}
