import { type Allowance, type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { deadlineOf } from "../state/deadlines.js";
import { isStoppedFor, StopReason, stopReading } from "../state/reading.js";

/**
 * Counts what a Client has sent. Whoever has sent more than is allowed is not read until time has
 * made up for it: nothing is lost, nobody is closed, and its own network makes it wait. A second's
 * worth may come at once.
 *
 * @param messages - PUBLISH packets since the last call.
 * @param bytes - Bytes since the last call.
 */
export function charge(core: Core, connection: Connection, messages: number, bytes: number): void {
  const { publishesPerSecondMax, publishBytesPerSecondMax } = core.limits;
  if (publishesPerSecondMax === 0 && publishBytesPerSecondMax === 0) return;
  if (connection.phase !== Phase.ACCEPTED) return;
  const allowance = allowanceOf(core, connection);
  allowance.messages -= messages;
  allowance.bytes -= bytes;
  const waitMs = Math.max(
    debtMs(allowance.messages, publishesPerSecondMax),
    debtMs(allowance.bytes, publishBytesPerSecondMax),
  );
  if (waitMs > 0) stop(core, connection, allowance, waitMs);
}

function allowanceOf(core: Core, connection: Connection): Allowance {
  const { publishesPerSecondMax, publishBytesPerSecondMax } = core.limits;
  connection.allowance ??= {
    messages: publishesPerSecondMax,
    bytes: publishBytesPerSecondMax,
    sinceMs: core.nowMs,
    readAgainMs: Number.POSITIVE_INFINITY,
  };
  const { allowance } = connection;
  const seconds = (core.nowMs - allowance.sinceMs) / 1_000;
  allowance.sinceMs = core.nowMs;
  allowance.messages = filled(allowance.messages, publishesPerSecondMax, seconds);
  allowance.bytes = filled(allowance.bytes, publishBytesPerSecondMax, seconds);
  return allowance;
}

function filled(left: number, perSecond: number, seconds: number): number {
  return Math.min(perSecond, left + seconds * perSecond);
}

/** How long it takes until it is made up for. A rate of 0: no bound. */
function debtMs(left: number, perSecond: number): number {
  return perSecond === 0 || left >= 0 ? 0 : Math.ceil((-left * 1_000) / perSecond);
}

function stop(core: Core, connection: Connection, allowance: Allowance, waitMs: number): void {
  allowance.readAgainMs = core.nowMs + waitMs;
  core.wheel.schedule(connection, deadlineOf(core.limits, connection));
  if (isStoppedFor(connection, StopReason.RATE)) return;
  stopReading(connection, StopReason.RATE);
  core.stats.slowedDown += 1;
  if (connection.identity !== undefined) core.events.onSlowDown?.(connection.identity);
}

/** Its time has come: it is read again. */
export function readOn(core: Core, connection: Connection): void {
  if (connection.allowance !== undefined) {
    connection.allowance.readAgainMs = Number.POSITIVE_INFINITY;
  }
  core.readAgain(connection, StopReason.RATE);
}
