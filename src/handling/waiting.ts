import type { Pending, Tell } from "../ports/policy.js";
import type { Connection, Wait } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { deadlineOf } from "../state/deadlines.js";
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
 * @param take - Given the answer; `undefined` when the time was up, and then no answer counts.
 */
export function askAndGoOn<T>(
  core: Core,
  connection: Connection,
  patience: Patience,
  ask: (tell: Tell<T>) => void,
  take: (answer: T | undefined) => void,
): void {
  let begun: Wait | undefined;
  let isAnswered = false;
  ask((answer, nowMs) => {
    if (isAnswered) return; // one outcome only [B18]
    isAnswered = true;
    if (begun === undefined) take(answer);
    else if (connection.waiting === begun) {
      core.turns.run(nowMs, () => goOn(core, connection, () => take(answer)));
    }
  });
  if (isAnswered) return;
  begun = wait(core, connection, patience, () => take(undefined));
}

/** Asks for one permission: true only for a yes in time. */
export function askPermission(
  core: Core,
  connection: Connection,
  stop: StopReason,
  pending: Pending<boolean>,
  take: (may: boolean) => void,
): void {
  askAndGoOn<boolean>(
    core,
    connection,
    { stop, limitMs: core.limits.hookTimeoutMs },
    (tell) => pending.whenAnswered(tell),
    (may) => take(may === true),
  );
}

/** Several permissions as one answer, when the last has come. */
export function allOf(answers: readonly (boolean | Pending<boolean>)[]): Pending<boolean[]> {
  return {
    whenAnswered(tell) {
      const known = answers.map((answer) => answer === true);
      let openCount = answers.filter((answer) => typeof answer !== "boolean").length;
      answers.forEach((answer, at) => {
        if (typeof answer === "boolean") return;
        let isOpen = true;
        answer.whenAnswered((may, nowMs) => {
          if (!isOpen) return;
          isOpen = false;
          known[at] = may === true;
          openCount -= 1;
          if (openCount === 0) tell(known, nowMs);
        });
      });
    },
  };
}
