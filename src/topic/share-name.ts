/** What every Topic Filter of a shared Subscription begins with. [M30] */
const PREFIX = "$share/";

/** The two halves of `$share/{group}/{filter}`. */
export interface ShareName {
  /** Not empty, without a wildcard. */
  readonly group: string;
  /** What the group subscribes to: a Topic Filter of its own. */
  readonly topicFilter: string;
}

/**
 * Does this Topic Filter ask for a shared Subscription, well-formed or not? `$share` alone does
 * not: it is an ordinary filter. O(1).
 */
export function asksForShare(topicFilter: string): boolean {
  return topicFilter.startsWith(PREFIX);
}

/**
 * The halves of a shared Subscription's Topic Filter. [M30] O(length).
 *
 * @param topicFilter - A valid Topic Filter, as a Client sends it.
 * @returns `undefined` for an ordinary filter and for a malformed share: no group (`$share//t`), a
 *   wildcard as the group (`$share/+/t`), no filter (`$share/g`, `$share/g/`), or a share within a
 *   share. {@link asksForShare} tells these two apart.
 */
export function shareNameOf(topicFilter: string): ShareName | undefined {
  if (!asksForShare(topicFilter)) return undefined;
  const groupEnd = topicFilter.indexOf("/", PREFIX.length);
  if (groupEnd === -1) return undefined;
  const group = topicFilter.substring(PREFIX.length, groupEnd);
  const shared = topicFilter.substring(groupEnd + 1);
  if (group === "" || group === "+" || shared === "" || asksForShare(shared)) return undefined;
  return { group, topicFilter: shared };
}
