import type { EndedConnection } from "../ports/events.js";

/** What a connection was used for. */
export interface Usage {
  readonly durationMs: number;
  readonly packetsReceived: number;
  readonly packetsSent: number;
}

/** What a connection was used for, up to a time of the engine. */
export function usageOf(
  { sinceMs, packetsReceived, packetsSent }: EndedConnection,
  nowMs: number,
): Usage {
  return { durationMs: Math.round(nowMs - sinceMs), packetsReceived, packetsSent };
}
