import { nowMs } from "../net/clock.js";
import type { Answer, ConnectAttempt, Policy } from "../ports/policy.js";
import { ConnackReturnCode } from "../protocol/return-codes.js";
import type { Listening } from "./listening.js";

/** What is asked whether a Client may connect. */
export type Authenticate = NonNullable<Policy["authenticate"]>;

/** Decides for Clients that show no credentials what their listener says, and asks for all others. */
export function authenticateBy(
  rule: Listening["anonymous"],
  ask: Authenticate,
  attempt: ConnectAttempt,
  answer: Answer,
): void {
  const isAnonymous = attempt.username === undefined && attempt.certificate === undefined;
  if (!isAnonymous || rule === "ask") ask(attempt, answer);
  else answer(rule === "accept" ? ACCEPTED : REFUSED, nowMs());
}

const ACCEPTED = { kind: "accepted" } as const;
const REFUSED = { kind: "refused", returnCode: ConnackReturnCode.NOT_AUTHORIZED } as const;
