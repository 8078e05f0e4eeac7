import type { Permission } from "../ports/policy.js";
import { forgive } from "../sending/retained-backlog.js";
import { type Connection, Phase } from "../state/connection.js";
import type { Core } from "../state/core.js";
import { reviewOf, reviewRights, revokeSubscription } from "./reviewing.js";
import { askWithoutConnection } from "./waiting.js";

/** Subscriptions looked at in one turn. */
const SUBSCRIPTIONS_PER_TURN = 1_000;

/**
 * Rules or what hooks look at have changed: every Subscription of who is connected is asked about
 * again, some of them in later turns. From this turn on nobody is given a message by a Subscription
 * that rules do not allow now. Who is offline is asked about when it comes back.
 *
 * @param clientId - Of the only one to be looked at; `undefined`: everybody.
 */
export function recheck(core: Core, clientId: string | undefined): void {
  const one = clientId === undefined ? undefined : core.sessions.find(clientId)?.connection;
  if (clientId !== undefined && one === undefined) return;
  for (const connection of one === undefined ? core.connections : [one]) {
    const { session, identity, phase } = connection;
    if (phase !== Phase.ACCEPTED || session === undefined || identity === undefined) continue;
    if (identity.rights !== undefined) session.guard = identity.rights;
    core.rechecking.add(connection);
  }
  core.trie.renew(); // routes remember what was allowed
  core.authors.renew();
  recheckSome(core);
}

/** Goes on with {@link recheck}: while `core.rechecking` is not empty. */
export function recheckSome(core: Core): void {
  let left = SUBSCRIPTIONS_PER_TURN;
  for (const connection of core.rechecking) {
    if (left <= 0) return;
    core.rechecking.delete(connection);
    left -= 1 + (connection.session?.subscriptions.size ?? 0);
    recheckOne(core, connection);
  }
}

function recheckOne(core: Core, connection: Connection): void {
  const { session, identity } = connection;
  if (session === undefined || identity === undefined) return;
  const removed: string[] = [];
  reviewRights(core, session, identity, removed);
  for (const topicFilter of removed) forgive(connection, topicFilter);
  const review = reviewOf(core, session, identity);
  review?.topicFilters.forEach((topicFilter, at) => {
    const answer = review.answers[at];
    const take = (may: Permission): void => {
      if (may !== false) return; // nobody can tell: what holds so far goes on
      if (!session.subscriptions.has(topicFilter) || connection.session !== session) return;
      revokeSubscription(core, session, identity, topicFilter);
      forgive(connection, topicFilter);
    };
    if (typeof answer === "object") askWithoutConnection(core, answer, take);
    else take(answer);
  });
}
