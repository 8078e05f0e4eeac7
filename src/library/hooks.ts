import { ownRules } from "../permissions/permissions.js";
import type { Answer, ConnectAttempt, Policy, Verdict } from "../ports/policy.js";
import { ConnackReturnCode } from "../protocol/return-codes.js";
import { unknownKey } from "../protocol/unknown-key.js";
import { isFunction } from "../protocol/usage.js";
import { PACKET_ID_MAX } from "../session/in-flight.js";
import {
  guarded,
  guardedAtOnce,
  type HookHost,
  ignoreOutcome,
  isThenable,
  later,
  promised,
  reasonOf,
  wrongAnswer,
} from "./guards.js";
import { guardedForward, guardedOnMessage, guardedOnServerMessage } from "./message-hooks.js";
import { type BrokerOptions, HOOK_NAMES, type Hooks } from "./options.js";
import { guardedRightsOf } from "./rights.js";

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
export function policyFrom(
  hooks: Hooks & Pick<BrokerOptions, "permissions">,
  host: HookHost,
): Policy {
  const { authenticate, mayPublish, maySubscribe, maySendToClient, onMessage, forward } = hooks;
  const { onServerMessage } = hooks;
  for (const name of HOOK_NAMES) {
    if (hooks[name] !== undefined) isFunction(hooks[name], name);
  }
  const rightsOf = guardedRightsOf(hooks, host);
  return {
    ...(authenticate && { authenticate: guardedAuthenticate(authenticate, host) }),
    ...(rightsOf && { rightsOf }),
    ...(mayPublish && { mayPublish: guarded("mayPublish", mayPublish, host) }),
    ...(maySubscribe && { maySubscribe: guarded("maySubscribe", maySubscribe, host) }),
    ...(maySendToClient && { maySendToClient: guarded("maySendToClient", maySendToClient, host) }),
    ...(onMessage && { onMessage: guardedOnMessage(onMessage, host) }),
    ...(onServerMessage && {
      onServerMessage: guardedOnServerMessage(onServerMessage, host),
    }),
    ...(forward && { forward: guardedForward(forward, host) }),
  };
}

/**
 * The two options that are asked in the middle of a turn, so that they cannot break it: who may have
 * messages kept before it was ever seen (no, when it fails), and identifiers for Clients that bring
 * none (one of ours then).
 */
export function guardedOptions(
  options: Partial<Pick<BrokerOptions, "makeClientId" | "pointToPoint">>,
  ownClientId: () => string,
  host: Pick<HookHost, "error">,
): Required<Pick<BrokerOptions, "makeClientId">> & Pick<BrokerOptions, "pointToPoint"> {
  const { makeClientId, pointToPoint } = options;
  const mayStoreFor = pointToPoint?.mayStoreFor;
  if (makeClientId !== undefined) isFunction(makeClientId, "makeClientId");
  if (mayStoreFor !== undefined) isFunction(mayStoreFor, "pointToPoint.mayStoreFor");
  const make = makeClientId && guardedMake(makeClientId, ownClientId, host);
  if (mayStoreFor === undefined) return { makeClientId: make ?? ownClientId };
  return {
    makeClientId: make ?? ownClientId,
    pointToPoint: {
      ...pointToPoint,
      mayStoreFor: guardedAtOnce("mayStoreFor", mayStoreFor, host),
    },
  };
}

function guardedMake(
  make: () => string,
  ownClientId: () => string,
  host: Pick<HookHost, "error">,
): () => string {
  return () => {
    try {
      const made: unknown = make();
      if (typeof made === "string" && made !== "") return made;
      ignoreOutcome(made);
      host.error(wrongAnswer("makeClientId", made, "a string"));
    } catch (error) {
      host.error(error);
    }
    return ownClientId();
  };
}

function guardedAuthenticate(
  hook: NonNullable<Hooks["authenticate"]>,
  host: HookHost,
): NonNullable<Policy["authenticate"]> {
  return (attempt: ConnectAttempt, answer: Answer): void => {
    const answered = verdictOrPromise(() => hook(attempt), host);
    if ("kind" in answered) {
      answer(answered, host.nowMs());
      return;
    }
    answered.late.then(
      (late) => later(host, () => answer(verdictOf(late, host), host.nowMs())),
      (error: unknown) => {
        host.error(reasonOf("authenticate", error));
        later(host, () => answer(CANNOT_TELL, host.nowMs()));
      },
    );
  };
}

/** Whatever the hook throws, or what it answers with throws when it is looked at, nobody can tell. */
function verdictOrPromise(
  call: () => unknown,
  host: HookHost,
): Verdict | { readonly late: Promise<unknown> } {
  try {
    const answered = call();
    return isThenable(answered) ? { late: promised(answered) } : verdictFrom(answered, host);
  } catch (error) {
    host.error(reasonOf("authenticate", error));
    return CANNOT_TELL;
  }
}

function verdictOf(late: unknown, host: HookHost): Verdict {
  try {
    return verdictFrom(late, host);
  } catch (error) {
    host.error(error);
    return CANNOT_TELL;
  }
}

function verdictFrom(answer: unknown, host: HookHost): Verdict {
  if (answer === true) return ACCEPTED;
  if (answer === false) return NOT_WANTED;
  if (typeof answer === "object" && answer !== null && "kind" in answer) {
    const unknown = Object.keys(answer).find((key) => !VERDICT_KEYS.includes(key));
    if (unknown !== undefined) {
      // Misspelt, it would grant more than was meant.
      host.error(unknownKey(unknown, VERDICT_KEYS));
      return CANNOT_TELL;
    }
    const accepted = answer.kind === "accepted" ? guardedAcceptance(answer, host) : undefined;
    if (accepted !== undefined) return accepted;
    if (answer.kind === "closed") return CLOSED;
    if (answer.kind === "refused" && "returnCode" in answer && isRefusal(answer.returnCode)) {
      return { kind: "refused", returnCode: answer.returnCode };
    }
  }
  host.error(wrongAnswer("authenticate", answer, VERDICTS));
  return CANNOT_TELL;
}

const VERDICTS =
  'true, false, {kind: "accepted"} with inFlightMax: 1 to 65535, username: a string, expiresAtMs: ms ' +
  "since 1970, rules: a list of rules, data: anything, each of which may be left out, " +
  '{kind: "refused", returnCode: 1 to 5} or {kind: "closed"}';

const VERDICT_KEYS: readonly string[] = [
  "kind",
  "inFlightMax",
  "returnCode",
  "data",
  "rules",
  "username",
  "expiresAtMs",
];

function isRefusal(code: unknown): code is Extract<Verdict, { kind: "refused" }>["returnCode"] {
  return code === 1 || code === 2 || code === 3 || code === 4 || code === 5;
}

/** Rules that cannot be understood grant nothing, and refuse nobody for ever. [B18] */
function guardedAcceptance(answer: object, host: HookHost): Verdict | undefined {
  try {
    return acceptanceFrom(answer, host);
  } catch (error) {
    host.error(error);
    return CANNOT_TELL;
  }
}

/** @returns undefined for one with something in it that cannot be. */
function acceptanceFrom(answer: object, host: HookHost): Verdict | undefined {
  const given = answer as Extract<Verdict, { kind: "accepted" }>; // key by key below
  const { inFlightMax, data, rules, username, expiresAtMs } = given;
  if (inFlightMax !== undefined && !isWindow(inFlightMax)) return undefined; // [M16]
  if (username !== undefined && typeof username !== "string") return undefined;
  if (expiresAtMs !== undefined && !isTime(expiresAtMs)) return undefined;
  ownRules(rules); // throws for what are none
  return {
    kind: "accepted",
    ...(inFlightMax !== undefined && { inFlightMax }),
    ...(data !== undefined && { data }),
    ...(rules !== undefined && { rules }),
    ...(username !== undefined && { username }),
    // From here on a change of the machine's clock moves it no more. [J10]
    ...(expiresAtMs !== undefined && { expiresAtMs: host.nowMs() + expiresAtMs - Date.now() }),
  };
}

/** `Infinity` stands for never; `NaN` would never be reached. */
function isTime(value: unknown): boolean {
  return typeof value === "number" && !Number.isNaN(value);
}

function isWindow(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= PACKET_ID_MAX;
}
