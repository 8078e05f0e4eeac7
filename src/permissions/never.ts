import { covers } from "../topic/matches.js";
import type { PointToPoint } from "../topic/point-to-point.js";
import { hasWildcard } from "../topic/topic-filter.js";
import { ADDRESS_BITS, type Whom } from "./normal-rule.js";
import type { PlacedRule, ReadRules } from "./normalize.js";
import type { Path, Problem } from "./problem.js";
import { OWN_SPELLING, Template } from "./template.js";

/**
 * The rules that can never match, since earlier ones decide all that they are about, or since their
 * topic is one that nobody is asked about with these verbs. O(rules squared) where many are about
 * the same Clients.
 *
 * @param placeOf - How a message names an earlier rule.
 */
export function neverMatching(
  { rules, groupsOf }: Pick<ReadRules, "rules" | "groupsOf">,
  addressing: PointToPoint,
  placeOf: (path: Path) => string,
): Problem[] {
  const problems: Problem[] = [];
  const earlier = new Map<string, Stated[]>();
  for (const rule of rules) {
    const inbox = rule.filters.find((filter) => isInbox(rule, filter, addressing));
    if (inbox !== undefined) problems.push({ path: rule.path, message: inboxMessage(inbox) });
    const hiding = hidingRules(rule, earlier, groupsOf);
    if (hiding !== undefined) {
      const places = hiding.map(({ path }) => placeOf(path)).join(" and ");
      const decide = hiding.length === 1 ? "decides" : "decide";
      const message = `this rule can never match: ${places} ${decide} before it`;
      problems.push({ path: rule.path, message });
    }
    for (const { kind, name } of rule.whom) {
      const key = `${kind}:${name}`;
      const stated = earlier.get(key) ?? [];
      stated.push(rule);
      earlier.set(key, stated);
    }
  }
  return problems;
}

type Stated = PlacedRule;

/** Point-to-point messages go to no Subscription, and sending one is a verb of its own. */
function isInbox({ verbs }: PlacedRule, filter: string, addressing: PointToPoint): boolean {
  if ((verbs & ADDRESS_BITS) !== 0) return false;
  // Of a filter without wildcards, and of one with them only behind the `p2p`.
  const topic = filter.replace(OWN_SPELLING.pattern, "x");
  const named = hasWildcard(topic) ? topic.replace(/(?<=^[^+/]+\/p2p\/)\+$/, "x") : topic;
  return !hasWildcard(named) && addressing.addressing(named).kind === "client";
}

function inboxMessage(topic: string): string {
  return `this rule can never match: ${topic} addresses one client, and for that there are the verbs sendTo and receipt with parent and to`;
}

/** The earlier rules that decide everything a rule is about; `undefined`: something is left. */
function hidingRules(
  rule: PlacedRule,
  earlier: ReadonlyMap<string, readonly Stated[]>,
  groupsOf: ReadonlyMap<string, readonly string[]>,
): Stated[] | undefined {
  const hiding: Stated[] = [];
  for (const whom of rule.whom) {
    const stated = widerThan(whom, groupsOf).flatMap((key) => earlier.get(key) ?? []);
    for (const filter of rule.filters) {
      const left = hideVerbs(rule.verbs, filter, stated, hiding);
      if (left !== 0) return undefined;
    }
  }
  return hiding.length === 0 ? undefined : [...new Set(hiding)];
}

/** @returns the verbs that no earlier rule decides for the whole filter. */
function hideVerbs(
  verbs: number,
  filter: string,
  stated: readonly Stated[],
  hiding: Stated[],
): number {
  let left = verbs;
  for (const rule of stated) {
    if ((rule.verbs & left) === 0 || !rule.filters.some((wider) => hides(wider, filter))) continue;
    left &= ~rule.verbs;
    hiding.push(rule);
  }
  return left;
}

/** Whether all topics of one filter are topics of another, whoever asks. */
function hides(wider: string, filter: string): boolean {
  if (wider === filter) return true;
  if (Template.of(wider, OWN_SPELLING) !== undefined) return false;
  return covers(wider, Template.of(filter, OWN_SPELLING)?.filter ?? filter);
}

/** Keys of the Clients that hold all of these. */
function widerThan(
  { kind, name }: Whom,
  groupsOf: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const keys = ["any:"];
  if (kind !== "any") keys.push(`${kind}:${name}`);
  if (kind === "user") keys.push(...(groupsOf.get(name) ?? []).map((group) => `group:${group}`));
  return keys;
}
