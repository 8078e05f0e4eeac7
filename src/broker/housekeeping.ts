import { ConnackReturnCode } from "../protocol/return-codes.js";
import type { Delivery } from "../session/delivery.js";
import { refuse } from "./accepting.js";
import { closeConnection, endSession } from "./closing.js";
import { type Connection, Phase } from "./connection.js";
import type { Core } from "./core.js";
import { deadlineOf, stalledAtMs } from "./deadlines.js";
import { abandon } from "./delivery.js";
import { unrecord } from "./durability.js";

/** Sessions ended, and inboxes looked at, in one tick at most: a tick stays short. */
const CLEAN_UP_MAX = 1_000;

const due: Connection[] = [];

/** Everything that only time brings: silence, waits that took too long, age. Once a tick. */
export function keepHouse(core: Core): void {
  core.wheel.advance(core.nowMs, due);
  for (const connection of due) wake(core, connection);
  due.length = 0;
  endOldSessions(core);
  expireQueued(core);
  const { expired, found } = core.inboxes.expire(core.nowMs, CLEAN_UP_MAX);
  core.stats.pointToPointKept += found - expired.length;
  for (const { clientId, delivery } of expired) abandon(core, delivery, "expired", clientId);
}

/**
 * Old point-to-point messages in the queues of offline Clients: some Sessions a tick, in turn, so
 * that what nobody comes for does not fill the total for everybody. [P9]
 */
function expireQueued(core: Core): void {
  const count = Math.min(CLEAN_UP_MAX, core.sessions.offlineCount);
  for (let looked = 0; looked < count; looked += 1) {
    const session = core.sessions.nextOffline();
    if (session === undefined || session.outbound.queuedPointToPointCount === 0) continue;
    const expired: Delivery[] = [];
    session.outbound.removeExpired(core.nowMs, expired);
    for (const delivery of expired) {
      unrecord(core, session, delivery);
      core.stats.pointToPointKept -= 1;
      abandon(core, delivery, "expired", session.clientId);
    }
  }
}

function wake(core: Core, connection: Connection): void {
  const deadlineMs = deadlineOf(core.limits, connection);
  if (deadlineMs > core.nowMs) {
    core.wheel.schedule(connection, deadlineMs);
    return;
  }
  if (connection.phase === Phase.EXPECTING_CONNECT) {
    closeConnection(core, connection, "connect-timeout");
  } else if (connection.phase !== Phase.ACCEPTED) {
    connection.attempt = undefined; // a late answer finds nothing
    refuse(core, connection, ConnackReturnCode.SERVER_UNAVAILABLE);
  } else if (stalledAtMs(core.limits, connection) <= core.nowMs) {
    closeConnection(core, connection, "stalled"); // [M24]
  } else {
    closeConnection(core, connection, "keep-alive"); // [MQTT-3.1.2-24]
  }
}

/** Sessions nobody came back to: too old, or too many. [F12] */
function endOldSessions(core: Core): void {
  for (let count = 0; count < CLEAN_UP_MAX; count += 1) {
    const isFull = core.sessions.offlineCount > core.limits.offlineSessionsMax;
    const beforeMs = isFull ? Number.POSITIVE_INFINITY : core.nowMs - core.limits.sessionExpiryMs;
    const session = core.sessions.longestOffline(beforeMs);
    if (session === undefined) return;
    endSession(core, session);
  }
}
