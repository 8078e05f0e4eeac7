import type { DenialReason } from "../ports/refusals.js";
import type { ClientSession } from "../state/client-directory.js";
import type { Core } from "../state/core.js";
import { hasWildcard } from "../topic/topic-filter.js";
import { utf8Length } from "../topic/topic-name.js";

/**
 * Whether there is room for a new Subscription: in number, in bytes, and in what a match may cost, of
 * one Session and of all. [D12] [T3] [T7] O(length), amortised.
 *
 * @param topics - What the trie would have it under: `topicFilter`, or the shared part of it.
 * @returns `undefined` where there is.
 */
export function lackOfRoom(
  core: Core,
  session: ClientSession,
  topicFilter: string,
  topics: string,
): DenialReason | undefined {
  const { limits, budgets } = core;
  if (core.memory.isTight) return "memory-full"; // [I12]
  if (session.subscriptions.size >= limits.subscriptionsPerSessionMax) return "session-full";
  if (core.subscriptionCount >= limits.subscriptionsMax) return "full";
  const bytes = utf8Length(topicFilter);
  if (session.subscriptionBytes + bytes > limits.subscriptionBytesPerSessionMax) {
    return "session-bytes-full";
  }
  if (!budgets.subscriptions.hasRoom(bytes)) return "bytes-full";
  return hasWildcard(topics) ? tooDear(core, session, topicFilter, topics) : undefined;
}

/** Whether the pattern of a filter would make matches cost more than they may. [T3] */
export function tooDear(
  { limits, trie, filterAccounts }: Core,
  session: ClientSession,
  topicFilter: string,
  topics: string,
): DenialReason | undefined {
  if (filterAccounts.exceeds(session, topicFilter, limits.wildcardLevelsPerSessionMax)) {
    return "session-patterns-full";
  }
  const cost = trie.patternCost(topics);
  // What is known already costs nothing, also where the bound was lowered since.
  return cost > 0 && trie.patternLevels + cost > limits.wildcardLevelsMax
    ? "patterns-full"
    : undefined;
}
