import type { Identity, Pending } from "../ports/policy.js";
import { setGuard } from "../sending/guarding.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { deny, reachOf, removeSubscription } from "./subscribing.js";

/** Subscriptions of a resumed Session that the policy has not answered for yet. */
export interface Review {
  readonly topicFilters: readonly string[];
  /** As many as filters. */
  readonly answers: readonly (boolean | Pending<boolean>)[];
}

/**
 * Asks rules and the policy again for every Subscription of a Session that is resumed. [F15]
 *
 * @returns what is still to be answered; `undefined` when everything was answered at once, and what
 *   is not allowed any more has been taken away.
 */
export function reviewSubscriptions(
  core: Core,
  session: ClientSession,
  identity: Identity,
): Review | undefined {
  reviewRights(core, session, identity);
  const review = askAgain(core, session, identity);
  if (review === undefined) return undefined;
  const { topicFilters, answers } = review;
  if (answers.some((answer) => typeof answer === "object")) return review;
  keepAllowed(core, session, identity, topicFilters, answers as boolean[]); // none of them is an object
  return undefined;
}

/** What `maySubscribe` says to each Subscription now; `undefined`: nobody need be asked. */
export function askAgain(
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

/** Takes away every Subscription without a yes. */
export function keepAllowed(
  core: Core,
  session: ClientSession,
  identity: Identity,
  topicFilters: readonly string[],
  answers: readonly boolean[],
): void {
  topicFilters.forEach((topicFilter, at) => {
    if (answers[at] !== true) revokeSubscription(core, session, identity, topicFilter);
  });
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
