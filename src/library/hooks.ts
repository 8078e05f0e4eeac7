import type { Answer, ConnectAttempt, Policy, Verdict } from "../ports/policy.js";
import { UsageError } from "../protocol/errors.js";
import { ConnackReturnCode } from "../protocol/return-codes.js";
import { PACKET_ID_MAX } from "../session/in-flight.js";
import type { Hooks } from "./options.js";

/** What the guarded hooks need from the broker around them. */
export interface HookHost {
  nowMs(): number;
  /** A hook threw, or answered with something else than it should. */
  error(error: unknown): void;
  /** A turn was started by a late answer. */
  afterCall(): void;
}

const ACCEPTED: Verdict = { kind: "accepted" };
const CLOSED: Verdict = { kind: "closed" };
/** false: who it is may be fine, but it is not wanted here. */
const NOT_WANTED: Verdict = { kind: "refused", returnCode: ConnackReturnCode.NOT_AUTHORIZED };
/** The hook failed: nobody can tell, so that trying again later makes sense. [B18] */
const CANNOT_TELL: Verdict = {
  kind: "refused",
  returnCode: ConnackReturnCode.SERVER_UNAVAILABLE,
};

/**
 * Hooks as the engine's Policy: none of them can throw, and only a plain yes is a yes. [M06]
 *
 * @throws UsageError for a hook that is no function.
 */
export function policyFrom(hooks: Hooks, host: HookHost): Policy {
  const { authenticate, mayPublish, maySubscribe, maySendToClient } = hooks;
  for (const [name, hook] of Object.entries({
    authenticate,
    mayPublish,
    maySubscribe,
    maySendToClient,
  })) {
    if (hook !== undefined && typeof hook !== "function") {
      throw new UsageError(`${name} is ${typeof hook}; allowed: a function`);
    }
  }
  return {
    ...(authenticate && { authenticate: guardedAuthenticate(authenticate, host) }),
    ...(mayPublish && { mayPublish: guarded("mayPublish", mayPublish, host) }),
    ...(maySubscribe && { maySubscribe: guarded("maySubscribe", maySubscribe, host) }),
    ...(maySendToClient && { maySendToClient: guarded("maySendToClient", maySendToClient, host) }),
  };
}

function guarded<A, B, C>(
  name: string,
  hook: (a: A, b: B, c: C) => boolean,
  host: HookHost,
): (a: A, b: B, c: C) => boolean {
  return (a, b, c) => {
    try {
      const answer: unknown = hook(a, b, c);
      if (typeof answer === "boolean") return answer;
      host.error(new UsageError(`${name} answered ${shown(answer)}; allowed: true or false`));
    } catch (error) {
      host.error(error);
    }
    return false;
  };
}

function guardedAuthenticate(
  hook: NonNullable<Hooks["authenticate"]>,
  host: HookHost,
): NonNullable<Policy["authenticate"]> {
  return (attempt: ConnectAttempt, answer: Answer): void => {
    let answered: unknown;
    try {
      answered = hook(attempt);
    } catch (error) {
      host.error(error);
      answer(CANNOT_TELL, host.nowMs());
      return;
    }
    if (!isThenable(answered)) {
      answer(verdictFrom(answered, host), host.nowMs());
      return;
    }
    // A foreign promise may call back twice, or at once: `resolve` of our own does neither.
    Promise.resolve(answered).then(
      (late) => {
        answer(verdictFrom(late, host), host.nowMs());
        host.afterCall();
      },
      (error: unknown) => {
        host.error(error);
        answer(CANNOT_TELL, host.nowMs());
        host.afterCall();
      },
    );
  };
}

function verdictFrom(answer: unknown, host: HookHost): Verdict {
  if (answer === true) return ACCEPTED;
  if (answer === false) return NOT_WANTED;
  if (typeof answer === "object" && answer !== null && "kind" in answer) {
    const accepted = answer.kind === "accepted" ? acceptanceFrom(answer) : undefined;
    if (accepted !== undefined) return accepted;
    if (answer.kind === "closed") return CLOSED;
    if (answer.kind === "refused" && "returnCode" in answer && isRefusal(answer.returnCode)) {
      return { kind: "refused", returnCode: answer.returnCode };
    }
  }
  host.error(
    new UsageError(
      `authenticate answered ${shown(answer)}; allowed: true, false, ` +
        '{kind: "accepted", inFlightMax: 1 to 65535 or left out}, {kind: "refused", returnCode: 1 to 5} or {kind: "closed"}',
    ),
  );
  return CANNOT_TELL;
}

function isRefusal(code: unknown): code is Extract<Verdict, { kind: "refused" }>["returnCode"] {
  return code === 1 || code === 2 || code === 3 || code === 4 || code === 5;
}

/** @returns undefined for a window that is none. [M16] */
function acceptanceFrom(answer: object): Verdict | undefined {
  const inFlightMax = "inFlightMax" in answer ? answer.inFlightMax : undefined;
  if (inFlightMax === undefined) return ACCEPTED;
  return isWindow(inFlightMax) ? { kind: "accepted", inFlightMax } : undefined;
}

function isWindow(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= PACKET_ID_MAX;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}

function shown(value: unknown): string {
  return isThenable(value) ? "a promise" : (JSON.stringify(value) ?? String(value));
}
