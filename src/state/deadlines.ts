import type { Limits } from "../ports/limits.js";
import { silentTooLongAtMs } from "../session/keep-alive.js";
import { type Connection, Phase } from "./connection.js";

/** When this connection must be looked at next: `Infinity` when nothing can run out. */
export function deadlineOf(limits: Limits, connection: Connection): number {
  switch (connection.phase) {
    case Phase.EXPECTING_CONNECT:
      return connection.sinceMs + limits.connectTimeoutMs; // [M19]
    case Phase.CONNECTING:
      return waitingUntilMs(connection);
    case Phase.ACCEPTED:
      return Math.min(
        silentAtMs(connection),
        stalledAtMs(limits, connection),
        waitingUntilMs(connection),
        connection.expiresAtMs,
        connection.allowance?.readAgainMs ?? Number.POSITIVE_INFINITY,
      );
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** While it is we who do not read it, a peer is not silent. [M18] */
function silentAtMs({ readingStops, lastPacketMs, keepAliveSeconds }: Connection): number {
  if (readingStops !== 0) return Number.POSITIVE_INFINITY;
  return silentTooLongAtMs(lastPacketMs, keepAliveSeconds);
}

function waitingUntilMs({ waiting }: Connection): number {
  return waiting === undefined ? Number.POSITIVE_INFINITY : waiting.deadlineMs;
}

/** When a peer has failed to take what was sent for too long. [M24] */
export function stalledAtMs(limits: Limits, { blockedSinceMs }: Connection): number {
  return blockedSinceMs === 0 ? Number.POSITIVE_INFINITY : blockedSinceMs + limits.stalledMs;
}
