import { recheckSome } from "../handling/rechecking.js";
import { proceed } from "../sending/retained-backlog.js";
import { Connection } from "../state/connection.js";
import type { Core } from "../state/core.js";
import type { Turns } from "./turns.js";

/** When the server stops, Wills may cost so much work: half a second, about. */
const LAST_UNITS_MAX = 500_000;

/** Whether anybody has work left beyond a turn, or is owed something. */
export function hasSlices({ busy, waiting, owing, rechecking }: Core): boolean {
  return busy.size + waiting.size + owing.size + rechecking.size > 0;
}

/** Of a whole turn this share is what Clients get that have had none for what they have sent. */
const FIRST_SHARE = 1 / 16;

/** Does one turn of its kind, if there is anything to do. @returns whether there was. */
type Kind = (core: Core, turns: Turns, nowMs: number) => boolean;

/** In the order of one call. */
const KINDS: readonly Kind[] = [releaseMore, recheckMore, hearWaiting, goOnWithNext, sendToNext];

/** What is left beyond the turns of inputs, one kind after the other. */
export class Slices {
  /** Where the next call begins: behind the kind that made the last one late. */
  #first = 0;

  /**
   * A few turns at most: for what waited for the disk, for rules that have changed, for Clients that
   * have had none for what they have sent, for the next one that needs another, and for the next one that
   * is owed retained messages. Whoever still has something left goes to the end of the line.
   *
   * @param isLate - Asked after each turn: the kinds behind it are then left to the next call.
   */
  next(core: Core, turns: Turns, nowMs: number, isLate: () => boolean): void {
    for (let count = 0; count < KINDS.length; count += 1) {
      const at = (this.#first + count) % KINDS.length;
      const kind = KINDS[at] as Kind; // below their number
      if (!kind(core, turns, nowMs) || !isLate()) continue;
      this.#first = at + 1;
      return;
    }
    this.#first = 0;
  }
}

function releaseMore(_: Core, turns: Turns, nowMs: number): boolean {
  if (!turns.isReleasing) return false;
  turns.runWhole(nowMs, () => turns.releaseMore());
  return true;
}

function recheckMore(core: Core, turns: Turns, nowMs: number): boolean {
  if (core.rechecking.size === 0) return false;
  turns.run(nowMs, () => recheckSome(core));
  return true;
}

function goOnWithNext({ busy }: Core, turns: Turns, nowMs: number): boolean {
  for (const next of busy) {
    busy.delete(next);
    turns.goOn(nowMs, next);
    return true;
  }
  return false;
}

function sendToNext(core: Core, turns: Turns, nowMs: number): boolean {
  for (const next of core.owing) {
    core.owing.delete(next);
    turns.runWhole(nowMs, () => sendOwed(core, next));
    return true;
  }
  return false;
}

/**
 * As many as a whole turn is enough for, each for a short one: with hundreds in line who ask for much,
 * whoever says little waits for the beginnings of theirs. [T9]
 */
function hearWaiting(core: Core, turns: Turns, nowMs: number): boolean {
  const { waiting, limits } = core;
  if (waiting.size === 0) return false;
  const units = Math.ceil(limits.workPerTurnMax * FIRST_SHARE);
  let left = limits.workPerTurnMax;
  for (const next of waiting) {
    if (left <= 0) break;
    waiting.delete(next);
    turns.goOn(nowMs, next, units);
    left -= Math.max(1, units - core.workLeft);
  }
  return true;
}

/**
 * The server stops. Those with a Will go first, so that the others are sent it, as far as that takes
 * no longer than a stop may; then all others. [M07]
 */
export function stop(core: Core, turns: Turns, nowMs: number): void {
  const { connections, questions, limits } = core;
  releaseAll(turns, nowMs);
  const withWill = [...connections].filter(({ will }) => will !== undefined);
  turns.runWhole(nowMs, () => core.doomAll(withWill, "shutdown"), LAST_UNITS_MAX);
  workOff(core, turns, nowMs, Math.ceil(LAST_UNITS_MAX / limits.workPerTurnMax));
  turns.run(nowMs, () => core.doomAll([...connections], "shutdown"));
  workOff(core, turns, nowMs, Number.POSITIVE_INFINITY); // nobody is connected
  releaseAll(turns, nowMs);
  questions.clear();
}

/** What is durable and was not told yet for want of time. */
function releaseAll(turns: Turns, nowMs: number): void {
  while (turns.isReleasing) turns.runWhole(nowMs, () => turns.releaseMore());
}

/** Slices of what is left, without a look at anything else: when the server stops. */
function workOff({ busy }: Core, turns: Turns, nowMs: number, countMax: number): void {
  let count = 0;
  for (const next of busy) {
    if (count >= countMax) return;
    busy.delete(next);
    if (!(next instanceof Connection) && next.isTidying === true) continue; // there is no later
    count += 1;
    turns.goOn(nowMs, next);
  }
}

/** Sends what waits for this Client, as far as the turn goes. */
export function sendOwed(core: Core, connection: Connection): void {
  const { session } = connection;
  if (session?.connection !== connection) return;
  if (!proceed(core, session)) core.owing.add(connection);
}
