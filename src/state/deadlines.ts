import type { Limits } from "../ports/limits.js";
import { silentTooLongAtMs } from "../session/keep-alive.js";
import { type Connection, Phase } from "./connection.js";

/** When this connection must be looked at next: `Infinity` when nothing can run out. */
export function deadlineOf(limits: Limits, connection: Connection): number {
  switch (connection.phase) {
    case Phase.EXPECTING_CONNECT:
      return connection.sinceMs + limits.connectTimeoutMs; // [M19]
    case Phase.AUTHENTICATING:
    case Phase.COMMITTING:
      return connection.sinceMs + limits.authenticateTimeoutMs;
    case Phase.ACCEPTED:
      return Math.min(
        silentTooLongAtMs(connection.lastPacketMs, connection.keepAliveSeconds),
        stalledAtMs(limits, connection),
      );
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** When a peer has failed to take what was sent for too long. [M24] */
export function stalledAtMs(limits: Limits, { blockedSinceMs }: Connection): number {
  return blockedSinceMs === 0 ? Number.POSITIVE_INFINITY : blockedSinceMs + limits.stalledMs;
}
