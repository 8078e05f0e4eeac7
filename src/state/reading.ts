import type { Link } from "../ports/link.js";

/** Why a peer is not read, one bit each: it is read again when none is left. */
export const StopReason = {
  /** Its CONNECT waits: for `authenticate`, for another hook, or for the Store. [M20] */
  AWAITING_CONNECT: 1,
  /** Too many of its acknowledgements are held back. [M26] */
  HELD: 2,
  /** It does not take what it is answered. [M24] */
  DEAF: 4,
  /** A packet of it waits for the answer of a hook. */
  HOOK: 8,
  /** It has caused as much work as one Client may in a turn: what it has sent goes on in its turn. */
  BUDGET: 16,
  /** It has published more than it may for now. */
  RATE: 32,
  /** It is gone already: only what it has sent before that counts. [MQTT-3.14.4-3] */
  GONE: 64,
  /** What it has retained is not known to all nodes yet, and too much of that waits. */
  RETAINED: 128,
} as const;
export type StopReason = (typeof StopReason)[keyof typeof StopReason];

/** What of a connection this file works on; nobody else changes the bits. */
interface Read {
  readonly link: Pick<Link, "pause" | "resume">;
  readingStops: number;
}

/**
 * Reads no more from this peer. What its transport has received already may still come. Nothing
 * else in the engine pauses or resumes a Link: reasons of one part cannot undo those of another.
 */
export function stopReading(connection: Read, reason: StopReason): void {
  if (connection.readingStops === 0) connection.link.pause();
  connection.readingStops |= reason;
}

/** Takes one reason away; the peer is read again when it was the last. */
export function allowReading(connection: Read, reason: StopReason): void {
  if ((connection.readingStops & reason) === 0) return;
  connection.readingStops &= ~reason;
  if (connection.readingStops === 0) connection.link.resume();
}

/** Whether this is one of the reasons why the peer is not read now. */
export function isStoppedFor({ readingStops }: Read, reason: StopReason): boolean {
  return (readingStops & reason) !== 0;
}
