import { nowMs } from "../net/clock.js";
import type { Policy } from "../ports/policy.js";
import { ConnackReturnCode } from "../protocol/return-codes.js";
import type { Listening } from "./listening.js";

/** What is asked whether a Client may connect. */
export type Authenticate = NonNullable<Policy["authenticate"]>;

/**
 * Decides for Clients that show no credentials what their listener says, and asks for all others.
 *
 * @param ruleOf - That of a listener, by its name.
 */
export function withAnonymousRules(
  authenticate: Authenticate,
  ruleOf: (listener: string | undefined) => Listening["anonymous"],
): Authenticate {
  return (attempt, answer) => {
    const isAnonymous = attempt.username === undefined && attempt.certificate === undefined;
    const rule = isAnonymous ? ruleOf(attempt.listener) : "ask";
    if (rule === "ask") authenticate(attempt, answer);
    else answer(rule === "accept" ? ACCEPTED : REFUSED, nowMs());
  };
}

const ACCEPTED = { kind: "accepted" } as const;
const REFUSED = { kind: "refused", returnCode: ConnackReturnCode.NOT_AUTHORIZED } as const;
