import type { Pending, Permission, Tell } from "../ports/policy.js";
import { type Connection, Phase, type Wait } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { deadlineOf } from "../state/deadlines.js";
import type { Question } from "../state/question.js";
import { type StopReason, stopReading } from "../state/reading.js";

/** Why a connection waits, and for how long at most. */
export interface Patience {
  readonly stop: StopReason;
  readonly limitMs: number;
}

/**
 * From here on the connection waits: it is not read, and what it has sent already stays where it
 * is, in order. Nobody else waits. [M20]
 *
 * @param timeUp - Called in a turn of its own when nobody has ended the wait in time.
 */
export function wait(
  core: Core,
  connection: Connection,
  { stop, limitMs }: Patience,
  timeUp: () => void,
): Wait {
  const begun: Wait = { stop, deadlineMs: core.nowMs + limitMs, timeUp };
  connection.waiting = begun;
  stopReading(connection, stop);
  core.wheel.schedule(connection, deadlineOf(core.limits, connection));
  return begun;
}

/** The wait is over: goes on with `work`, and then with what came behind. Inside a turn. */
export function goOn(core: Core, connection: Connection, work: () => void): void {
  const { waiting } = connection;
  if (waiting === undefined) return;
  connection.waiting = undefined;
  try {
    work();
    if (connection.phase === Phase.CLOSED) return;
    const next = connection.waiting as Wait | undefined; // the work may have begun another wait
    if (next?.stop !== waiting.stop) core.readAgain(connection, waiting.stop);
    core.turns.advance(connection);
  } catch (error) {
    core.doomForError(connection, error); // whatever is thrown costs this connection alone
  }
}

/**
 * Asks something outside and goes on with the answer: in this turn if it comes at once, else in one
 * of its own.
 *
 * @param take - Given the answer; when the time was up `undefined` and true, and then no answer counts.
 */
export function askAndGoOn<T>(
  core: Core,
  connection: Connection,
  patience: Patience,
  ask: (tell: Tell<T>) => void,
  take: (answer: T | undefined, isTimeUp: boolean) => void,
): void {
  let begun: Wait | undefined;
  let isAnswered = false;
  ask((answer, nowMs) => {
    if (isAnswered) return; // one outcome only [B18]
    isAnswered = true;
    if (begun === undefined) take(answer, false);
    else if (connection.waiting === begun) {
      core.turns.run(nowMs, () => goOn(core, connection, () => take(answer, false)));
    }
  });
  if (isAnswered) return;
  begun = wait(core, connection, patience, () => take(undefined, true));
}

/** Asks for one permission: true only for a yes in time. */
export function askPermission(
  core: Core,
  connection: Connection,
  stop: StopReason,
  pending: Pending<Permission>,
  take: (may: boolean) => void,
): void {
  askAndGoOn<Permission>(
    core,
    connection,
    { stop, limitMs: core.limits.hookTimeoutMs },
    (tell) => pending.whenAnswered(tell),
    (may, isTimeUp) => {
      if (isTimeUp) pending.tooLate?.();
      take(may === true);
    },
  );
}

/**
 * Asks for several permissions and goes on when the last answer has come, or the time is up: then
 * what has no answer is `undefined`, which is a no, and the others stand.
 */
export function askPermissions(
  core: Core,
  connection: Connection,
  stop: StopReason,
  answers: readonly (Permission | Pending<Permission>)[],
  take: (known: readonly Permission[]) => void,
): void {
  const known = answers.map((answer) => (typeof answer === "object" ? undefined : answer));
  const open = new Map<number, Pending<Permission>>();
  answers.forEach((answer, at) => {
    if (typeof answer === "object") open.set(at, answer);
  });
  askAndGoOn<true>(
    core,
    connection,
    { stop, limitMs: core.limits.hookTimeoutMs },
    (tell) => {
      for (const [at, answer] of [...open]) {
        answer.whenAnswered((may, nowMs) => {
          if (!open.delete(at)) return; // one outcome only
          known[at] = may;
          if (open.size === 0) tell(true, nowMs);
        });
      }
    },
    () => {
      for (const answer of open.values()) answer.tooLate?.();
      open.clear();
      take(known);
    },
  );
}

/**
 * Asks for a permission that no connection waits for. The answer is taken in this turn if it comes at
 * once, else in one of its own; `undefined` when there was none in time.
 */
export function askWithoutConnection(
  core: Core,
  pending: Pending<Permission>,
  take: (may: Permission) => void,
): void {
  let isAtOnce = true;
  const question: Question = {
    deadlineMs: core.nowMs + core.limits.hookTimeoutMs,
    timeUp: () => {
      pending.tooLate?.();
      take(undefined);
    },
  };
  core.questions.add(question);
  pending.whenAnswered((may, nowMs) => {
    if (!core.questions.delete(question)) return; // one outcome only
    if (isAtOnce) take(may);
    else core.turns.run(nowMs, () => take(may));
  });
  isAtOnce = false;
}

/**
 * Ends the oldest question if nobody has answered it in time. O(1).
 *
 * @returns false: there is none.
 */
export function endOldQuestion(core: Core): boolean {
  for (const question of core.questions) {
    if (question.deadlineMs > core.nowMs) return false; // the oldest come first
    core.questions.delete(question);
    question.timeUp();
    return true;
  }
  return false;
}
