import { hasWildcard } from "../topic/topic-filter.js";
import { levelCount, utf8Length } from "../topic/topic-name.js";
import { WildcardPatterns } from "../topic/wildcard-patterns.js";
import type { Budget } from "./budgets.js";
import type { ClientSession } from "./client-directory.js";

/**
 * What the Topic Filters of each Session take: their bytes, and what those with wildcards can cost a
 * match, for the bounds on one Session. [T3] [T7] Sessions whose filters are too short to cost that
 * much have no patterns here: nearly all.
 */
export class FilterAccounts {
  /** Bytes of the filters of all Sessions. */
  readonly #bytes: Budget;
  readonly #patterns = new WeakMap<ClientSession, WildcardPatterns>();

  constructor(bytes: Budget) {
    this.#bytes = bytes;
  }

  /** A Session has a new Subscription. O(length). */
  enter(session: ClientSession, topicFilter: string): void {
    const bytes = utf8Length(topicFilter);
    session.subscriptionBytes += bytes;
    this.#bytes.take(bytes);
    if (hasWildcard(topicFilter)) this.#patterns.get(session)?.add(topicFilter);
  }

  /** It has one less. O(length). */
  leave(session: ClientSession, topicFilter: string): void {
    const bytes = utf8Length(topicFilter);
    session.subscriptionBytes -= bytes;
    this.#bytes.give(bytes);
    if (hasWildcard(topicFilter)) this.#patterns.get(session)?.remove(topicFilter);
  }

  /** Whether one more filter would bring a Session above so many levels. O(length), amortised. */
  exceeds(session: ClientSession, topicFilter: string, levelsMax: number): boolean {
    const { subscriptionBytes, subscriptions } = session;
    let patterns = this.#patterns.get(session);
    if (patterns === undefined) {
      // No filter has more levels than one more than its bytes.
      const atMost = subscriptionBytes + subscriptions.size + levelCount(topicFilter);
      if (atMost <= levelsMax) return false;
      patterns = patternsOf(session);
      this.#patterns.set(session, patterns);
    }
    return patterns.levels + patterns.costOf(topicFilter) > levelsMax;
  }
}

function patternsOf({ subscriptions }: ClientSession): WildcardPatterns {
  const patterns = new WildcardPatterns();
  for (const topicFilter of subscriptions.keys()) {
    if (hasWildcard(topicFilter)) patterns.add(topicFilter);
  }
  return patterns;
}
