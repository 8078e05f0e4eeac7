import { startsWithDollar } from "./topic-name.js";

/**
 * Does this Topic Filter match this Topic Name? §4.7.
 *
 * Plain and slow (it allocates two arrays): the oracle of the tests, and good enough for a question
 * that is not asked once per packet. Expects a valid filter and a valid name.
 */
export function matches(topicFilter: string, topicName: string): boolean {
  const wanted = topicFilter.split("/");
  const levels = topicName.split("/");
  if (startsWithDollar(topicName) && isWildcard(wanted[0])) return false; // [MQTT-4.7.2-1]
  for (let at = 0; at < wanted.length; at++) {
    if (wanted[at] === "#") return true; // the parent level too: `a/#` matches `a`, §4.7.1.2
    if (at === levels.length) return false;
    if (wanted[at] !== "+" && wanted[at] !== levels[at]) return false; // [MQTT-4.7.3-4]
  }
  return wanted.length === levels.length;
}

/**
 * Is every Topic Name that `requested` matches also matched by `granted`? Both are valid Topic
 * Filters; a Topic Name is a filter too. Plain and slow, like {@link matches}.
 *
 * `covers("+/#", "#")` holds, since every Topic Name has a first level; `covers("#", "$SYS/x")`
 * does not. [MQTT-4.7.2-1]
 */
export function covers(granted: string, requested: string): boolean {
  const allowed = granted.split("/");
  const wanted = levelsOf(requested);
  if (startsWithDollar(requested) && isWildcard(allowed[0])) return false; // [MQTT-4.7.2-1]
  for (let at = 0; at < allowed.length; at++) {
    if (allowed[at] === "#") return true; // the parent level too, when `wanted` ends here
    if (at === wanted.length || wanted[at] === "#") return false; // `#` asks for any depth
    if (allowed[at] !== "+" && allowed[at] !== wanted[at]) return false;
  }
  return allowed.length === wanted.length;
}

/**
 * Is there a Topic Name that both of these valid Topic Filters match? Plain and slow, like
 * {@link matches}.
 */
export function overlap(left: string, right: string): boolean {
  const ours = levelsOf(left);
  const theirs = levelsOf(right);
  if (startsWithDollar(left) && isWildcard(theirs[0])) return false; // [MQTT-4.7.2-1]
  if (startsWithDollar(right) && isWildcard(ours[0])) return false;
  for (let at = 0; ; at++) {
    if (ours[at] === "#" || theirs[at] === "#") return true; // the parent level too
    if (at === ours.length || at === theirs.length) return ours.length === theirs.length;
    if (ours[at] !== "+" && theirs[at] !== "+" && ours[at] !== theirs[at]) return false;
  }
}

/** Two filters whose `#` has no parent level to match, as no Topic Name is empty. [MQTT-4.7.3-1] */
const SAME_NAMES: ReadonlyMap<string, string> = new Map([
  ["#", "+/#"],
  ["/#", "/+/#"],
]);

/** The levels of a filter, in such a form that each `#` has a parent level to match. */
function levelsOf(topicFilter: string): string[] {
  return (SAME_NAMES.get(topicFilter) ?? topicFilter).split("/");
}

function isWildcard(level: string | undefined): boolean {
  return level === "+" || level === "#";
}
