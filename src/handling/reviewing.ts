import type { Identity, Pending, Permission } from "../ports/policy.js";
import { setGuard } from "../sending/guarding.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { deny, reachOf, removeSubscription } from "./subscribing.js";

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
 * Takes away what rules do not allow any more, and lets them be asked about each message where they
 * allow a part of a filter only, or where something waits that came under other rules. [H01]
 *
 * @param removed - Gets the filters that were taken away.
 */
export function reviewRights(
  core: Core,
  session: ClientSession,
  identity: Identity,
  removed: string[] = [],
): void {
  const { rights } = identity;
  // Of an earlier run nobody has counted yet what waits.
  core.budgets.pointToPoint.take(session.outbound.tally());
  let isGuarded = hasWaiting(session);
  if (rights !== undefined) {
    for (const topicFilter of session.subscriptions.keys()) {
      const reach = reachOf(core, rights, topicFilter);
      if (reach === "none") removed.push(topicFilter);
      if (reach !== "all") isGuarded = true;
    }
  }
  for (const topicFilter of removed) revokeSubscription(core, session, identity, topicFilter);
  setGuard(core, session, isGuarded ? rights : undefined);
}

function hasWaiting({ outbound }: ClientSession): boolean {
  return outbound.queuedCount > 0 || outbound.inFlightCount > 0;
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
    if (answers[at] !== true) revokeSubscription(core, session, identity, topicFilter);
  });
  return true;
}

/** Takes a Subscription away and tells so: MQTT 3.1.1 has no packet that tells the Client. */
export function revokeSubscription(
  core: Core,
  session: ClientSession,
  identity: Identity,
  topicFilter: string,
): void {
  removeSubscription(core, session, topicFilter);
  deny(core, identity, topicFilter, "revoked");
}
