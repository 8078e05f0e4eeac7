import type { Identity, Pending } from "../ports/policy.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { deny, removeSubscription } from "./subscribing.js";

/** Subscriptions of a resumed Session that the policy has not answered for yet. */
export interface Review {
  readonly topicFilters: readonly string[];
  /** As many as filters. */
  readonly answers: readonly (boolean | Pending<boolean>)[];
}

/**
 * Asks the policy again for every Subscription of a Session that is resumed. [F15]
 *
 * @returns what is still to be answered; `undefined` when everything was answered at once, and what
 *   is not allowed any more has been taken away.
 */
export function reviewSubscriptions(
  core: Core,
  session: ClientSession,
  identity: Identity,
): Review | undefined {
  const { maySubscribe } = core.policy;
  if (maySubscribe === undefined) return undefined;
  const topicFilters: string[] = [];
  const answers: (boolean | Pending<boolean>)[] = [];
  for (const [topicFilter, grantedQos] of session.subscriptions) {
    topicFilters.push(topicFilter);
    answers.push(maySubscribe(identity, topicFilter, grantedQos));
  }
  if (answers.some((answer) => typeof answer === "object")) {
    return { topicFilters, answers };
  }
  keepAllowed(core, session, identity, topicFilters, answers as boolean[]); // none of them is an object
  return undefined;
}

/** Takes away every Subscription without a yes. */
export function keepAllowed(
  core: Core,
  session: ClientSession,
  identity: Identity,
  topicFilters: readonly string[],
  answers: readonly boolean[],
): void {
  topicFilters.forEach((topicFilter, at) => {
    if (answers[at] === true) return;
    removeSubscription(core, session, topicFilter);
    deny(core, identity, topicFilter, "revoked");
  });
}
