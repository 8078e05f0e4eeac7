import type { Identity, Pending, Permission } from "../ports/policy.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { deny, removeSubscription } from "./subscribing.js";

/** What the policy says of the Subscriptions of a resumed Session. */
export interface Review {
  readonly topicFilters: readonly string[];
  /** As many as filters. */
  readonly answers: readonly (Permission | Pending<Permission>)[];
}

/**
 * Asks the policy again for every Subscription of a Session that is resumed; `undefined` when nobody
 * wants to be asked. [F15]
 */
export function reviewOf(
  core: Core,
  session: ClientSession,
  identity: Identity,
): Review | undefined {
  const { maySubscribe } = core.policy;
  if (maySubscribe === undefined) return undefined;
  const topicFilters: string[] = [];
  const answers: (Permission | Pending<Permission>)[] = [];
  for (const [topicFilter, grantedQos] of session.subscriptions) {
    topicFilters.push(topicFilter);
    answers.push(maySubscribe(identity, topicFilter, grantedQos));
  }
  return { topicFilters, answers };
}

/**
 * Takes away every Subscription that was answered with no.
 *
 * @returns false, and takes nothing away, when nobody can tell about one: taken away it would be gone
 *   for good, only because a hook failed or was slow.
 */
export function keepAllowed(
  core: Core,
  session: ClientSession,
  identity: Identity,
  topicFilters: readonly string[],
  answers: readonly Permission[],
): boolean {
  if (answers.includes(undefined)) return false;
  topicFilters.forEach((topicFilter, at) => {
    if (answers[at] === true) return;
    removeSubscription(core, session, topicFilter);
    deny(core, identity, topicFilter, "revoked");
  });
  return true;
}
