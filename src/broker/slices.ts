import { proceed } from "../sending/retained-backlog.js";
import type { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Turns } from "./turns.js";

/** Whether anybody has work left beyond a turn, or is owed something. */
export function hasSlices({ busy, waiting, owing }: Core): boolean {
  return busy.size > 0 || waiting.size > 0 || owing.size > 0;
}

/**
 * Three turns at most: for the next Client that has had none for what it has sent, for the next one
 * that needs another, and for the next one that is owed retained messages. Whoever still has something
 * left goes to the end of the line.
 */
export function nextSlices(core: Core, turns: Turns, nowMs: number): void {
  const { busy, waiting, owing } = core;
  for (const next of waiting) {
    waiting.delete(next);
    turns.goOn(nowMs, next);
    break;
  }
  for (const next of busy) {
    busy.delete(next);
    turns.goOn(nowMs, next);
    break;
  }
  for (const next of owing) {
    owing.delete(next);
    turns.runWhole(nowMs, () => sendOwed(core, next));
    break;
  }
}

/** Slices of what is left, without a look at anything else: when the server stops. */
export function workOff({ busy }: Core, turns: Turns, nowMs: number, countMax: number): void {
  let count = 0;
  for (const next of busy) {
    if (count >= countMax) return;
    count += 1;
    busy.delete(next);
    turns.goOn(nowMs, next);
  }
}

/** Sends what waits for this Client, as far as the turn goes. */
export function sendOwed(core: Core, connection: Connection): void {
  const { session } = connection;
  if (session?.connection !== connection) return;
  if (!proceed(core, session)) core.owing.add(connection);
}
