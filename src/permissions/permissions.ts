import { PointToPoint } from "../topic/point-to-point.js";
import { ClientRights, type RuleSource } from "./client-rights.js";
import { neverMatching } from "./never.js";
import { type ReadRules, readRules, readSource } from "./normalize.js";
import { pathText, rulesError } from "./problem.js";
import type { RulesSource } from "./rule.js";
import { RuleSet, type Subject } from "./rule-set.js";
import { OWN_SPELLING } from "./template.js";

const OWN_MANNERS = { spelling: OWN_SPELLING, asMosquitto: false } as const;
/** Rules that a Client has for itself come before all others: theirs begin at 0. */
const OWN_FIRST = -1_000_000;

/**
 * The rules of a broker: `createBroker({ permissions })`. What no rule allows is denied.
 *
 *     const permissions = new Permissions({
 *       groups: { doctors: ["anna", "berta"] },
 *       rules: [
 *         { allow: "any", do: ["publish", "retain"], topic: "beds/${clientId}/#" },
 *         { allow: { group: "doctors" }, do: "subscribe", topic: "beds/#" },
 *         { allow: { group: "doctors" }, do: "sendTo", parent: "ward", to: "+" },
 *       ],
 *     });
 */
export class Permissions implements RuleSource {
  #current: RuleSet;

  /** @throws {@link RulesError}, a UsageError, with everything that is wrong. */
  constructor(rules: RulesSource | RuleSet) {
    this.#current = ruleSetOf(rules);
  }

  /** The rules that hold now. */
  get current(): RuleSet {
    return this.#current;
  }

  /**
   * Exchanges all rules. From the next question on the new ones hold; what Clients have subscribed to
   * is looked at again by `broker.recheck()`.
   *
   * @throws RulesError, and then the old ones stay. [H06]
   */
  replace(rules: RulesSource | RuleSet): void {
    this.#current = ruleSetOf(rules);
  }
}

/**
 * Rules ready to be asked.
 *
 * @throws RulesError with everything that is wrong: a rule that can never match, too.
 */
export function ruleSetOf(
  rules: RulesSource | RuleSet,
  addressing = new PointToPoint(true),
): RuleSet {
  if (rules instanceof RuleSet) return rules;
  const read = readSource(rules);
  const problems = [...read.problems, ...neverMatching(read, addressing, pathText)];
  if (problems.length > 0) throw rulesError(problems);
  return compiled(read);
}

/** Rules that were read and found right. */
export function compiled({ rules, groupsOf }: Pick<ReadRules, "rules" | "groupsOf">): RuleSet {
  return new RuleSet(rules, groupsOf, OWN_MANNERS);
}

/**
 * What a Client may do; `undefined`: nobody has rules for it, and everything is allowed.
 *
 * @param source - The rules of all Clients, if there are any.
 * @param own - A list of rules for this Client alone, as `authenticate` gives them along: they come
 *   first. Groups are not known to them.
 * @throws RulesError when these are wrong.
 */
export function rightsOf(
  source: RuleSource | undefined,
  subject: Subject,
  own: unknown,
): ClientRights | undefined {
  if (source === undefined && own === undefined) return undefined;
  return new ClientRights(source ?? NO_RULES, subject, ownRules(own));
}

const NO_RULES: RuleSource = Object.freeze({ current: undefined });

/**
 * Rules that one Client has for itself.
 *
 * @throws RulesError when they are wrong.
 */
export function ownRules(own: unknown): RuleSet | undefined {
  if (own === undefined) return undefined;
  const { rules, groupsOf, problems } = readRules(own);
  if (problems.length > 0) throw rulesError(problems);
  return new RuleSet(rules, groupsOf, OWN_MANNERS, OWN_FIRST);
}
