import { nearestTo } from "../protocol/unknown-key.js";
import { shown } from "../protocol/usage.js";
import { isParent } from "../topic/point-to-point.js";
import { isValidTopicFilter } from "../topic/topic-filter.js";
import { AddressRange } from "./address-range.js";
import {
  ADDRESS_BITS,
  type NormalRule,
  VERBS,
  VerbBit,
  type WhoKind,
  type Whom,
} from "./normal-rule.js";
import type { Path, Problem } from "./problem.js";
import type { Verb } from "./rule.js";
import { OWN_SPELLING } from "./template.js";

/** Collects what is wrong, so that somebody who writes rules sees all of it at once. */
export type Complain = (path: Path, message: string) => void;

/** A checked rule, with where it stands. */
export interface PlacedRule extends NormalRule {
  readonly path: Path;
}

/** What was read: nothing of it may be used when there is a problem. */
export interface ReadRules {
  readonly rules: readonly PlacedRule[];
  readonly groupsOf: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Problem[];
}

/** Reads `{ groups, rules }`, whatever it is. */
export function readSource(source: unknown): ReadRules {
  const problems: Problem[] = [];
  const complain: Complain = (path, message) => problems.push({ path, message });
  if (!isRecord(source)) {
    complain([], `${standing(source)} stands where groups and rules are expected`);
    return { rules: [], groupsOf: new Map(), problems };
  }
  checkKeys(source, ["groups", "rules"], [], complain);
  const groups = source.groups ?? {};
  const groupsOf = readGroups(groups, complain);
  const names = isRecord(groups) ? Object.keys(groups) : [];
  const rules = readList(source.rules, ["rules"], names, complain);
  return { rules, groupsOf, problems };
}

/** Reads a list of rules alone, such as those that `authenticate` gives along. */
export function readRules(rules: unknown): ReadRules {
  const problems: Problem[] = [];
  const complain: Complain = (path, message) => problems.push({ path, message });
  return { rules: readList(rules, ["rules"], [], complain), groupsOf: new Map(), problems };
}

/** What is there instead: an empty file, and a key without a value, hold nothing. */
function standing(value: unknown): string {
  return value === undefined || value === null ? "nothing" : shown(value);
}

function readGroups(groups: unknown, complain: Complain): Map<string, string[]> {
  const groupsOf = new Map<string, string[]>();
  if (!isRecord(groups)) {
    complain(["groups"], `${standing(groups)} stands where names of groups are expected`);
    return groupsOf;
  }
  for (const [group, users] of Object.entries(groups)) {
    for (const user of namesIn(users, ["groups", group], "a list of user names", complain)) {
      const of = groupsOf.get(user) ?? [];
      if (!of.includes(group)) of.push(group);
      groupsOf.set(user, of);
    }
  }
  return groupsOf;
}

function readList(
  rules: unknown,
  path: Path,
  groups: readonly string[],
  complain: Complain,
): PlacedRule[] {
  if (!Array.isArray(rules)) {
    complain(path, `${standing(rules)} stands where a list of rules is expected`);
    return [];
  }
  return Array.from(rules as readonly unknown[]).flatMap(
    (rule, index) => readRule(rule, [...path, index], groups, complain) ?? [],
  );
}

const KEYS = ["allow", "deny", "do", "topic", "parent", "to"];

function readRule(
  rule: unknown,
  path: Path,
  groups: readonly string[],
  complain: Complain,
): PlacedRule | undefined {
  if (!isRecord(rule)) {
    complain(path, `${shown(rule)} is no rule; a rule is like ${EXAMPLE}`);
    return undefined;
  }
  checkKeys(rule, KEYS, path, complain);
  const allows = rule.allow !== undefined;
  if (allows === (rule.deny !== undefined)) {
    complain(path, "a rule has either allow or deny, and behind it whom it is about");
    return undefined;
  }
  const effect = allows ? "allow" : "deny";
  const whom = readWho(rule[effect], [...path, effect], groups, complain);
  const verbs = readVerbs(rule.do, [...path, "do"], complain);
  if (verbs === 0) return undefined;
  const filters = readFilters(rule, verbs, path, complain);
  return { allows, whom, verbs, filters, path };
}

const EXAMPLE = "{ allow: { user: anna }, do: publish, topic: sensors/# }";

const WHO_KINDS: readonly WhoKind[] = ["user", "group", "clientId", "address", "certificate"];
const WHO = `any, or one of ${WHO_KINDS.join(", ")} with a name, like { user: anna }`;

function readWho(
  who: unknown,
  path: Path,
  groups: readonly string[],
  complain: Complain,
): readonly Whom[] {
  if (who === "any") return [{ kind: "any", name: "" }];
  const kind = isRecord(who) ? (Object.keys(who)[0] as WhoKind) : undefined;
  if (!isRecord(who) || kind === undefined || Object.keys(who).length !== 1) {
    complain(path, `${shown(who)} is nobody; allowed: ${WHO}`);
    return [];
  }
  if (!WHO_KINDS.includes(kind)) {
    complain([...path, kind], `unknown kind of Client ${kind}; allowed: ${WHO}`);
    return [];
  }
  const names = namesIn(
    Object.values(who)[0],
    [...path, kind],
    "a name, or a list of names",
    complain,
  );
  for (const name of names) {
    const wrong = whatIsWrong(kind, name, groups);
    if (wrong !== undefined) complain([...path, kind], wrong);
  }
  return names.map((name) => ({ kind, name }));
}

function whatIsWrong(kind: WhoKind, name: string, groups: readonly string[]): string | undefined {
  if (kind === "group" && !groups.includes(name)) {
    const known = groups.length === 0 ? "there are no groups" : `known: ${groups.join(", ")}`;
    return `this rule can never match: nobody is in a group ${shown(name)}; ${known}`;
  }
  if (kind === "address" && AddressRange.of(name) === undefined) {
    return `${shown(name)} is no address; allowed: ones like 10.1.2.3, 10.0.0.0/8 or 2001:db8::/32`;
  }
  return undefined;
}

function readVerbs(verbs: unknown, path: Path, complain: Complain): number {
  let bits = 0;
  for (const verb of namesIn(verbs, path, `one or several of ${VERBS.join(", ")}`, complain)) {
    if ((VERBS as readonly string[]).includes(verb)) bits |= VerbBit[verb as Verb];
    else
      complain(path, `unknown ${shown(verb)}${guess(verb, VERBS)}; allowed: ${VERBS.join(", ")}`);
  }
  if ((bits & ADDRESS_BITS) !== 0 && (bits & ~ADDRESS_BITS) !== 0) {
    complain(
      path,
      "sendTo and receipt have a parent and a receiver, the others a topic: two rules",
    );
    return 0;
  }
  // Whoever may not subscribe is not given anything either, and whoever may is.
  return (bits & VerbBit.subscribe) === 0 ? bits : bits | VerbBit.receive;
}

function readFilters(
  rule: Fields,
  verbs: number,
  path: Path,
  complain: Complain,
): readonly string[] {
  const isAddress = (verbs & ADDRESS_BITS) !== 0;
  const foreign: readonly (keyof Fields)[] = isAddress ? ["topic"] : ["parent", "to"];
  for (const key of foreign) {
    if (rule[key] === undefined) continue;
    complain([...path, key], `this rule has ${isAddress ? "parent and to" : "topic"}, not ${key}`);
  }
  if (!isAddress) {
    const topics = namesIn(rule.topic, [...path, "topic"], "a topic, or several", complain);
    for (const topic of topics) {
      const wrong = whatIsWrongWithTopic(topic);
      if (wrong !== undefined) complain([...path, "topic"], wrong);
    }
    return topics;
  }
  const parents = levels(rule.parent, [...path, "parent"], isParent, complain);
  const receivers = levels(rule.to, [...path, "to"], isLevel, complain);
  return parents.flatMap((parent) => receivers.map((to) => `${parent}/${to}`));
}

/** One level each: `+`, or a text with placeholders. */
function levels(
  given: unknown,
  path: Path,
  isAllowed: (level: string) => boolean,
  complain: Complain,
): readonly string[] {
  const names = namesIn(given, path, "+, or one level of a topic", complain);
  for (const name of names) {
    if (name !== "+" && !isAllowed(withNames(name))) {
      complain(
        path,
        `${shown(name)} can be no level of a point-to-point topic: it can never match`,
      );
    }
    complainOfPlaceholder(name, path, complain);
  }
  return names;
}

function isLevel(level: string): boolean {
  return level !== "" && !/[/+#\0]/.test(level);
}

function whatIsWrongWithTopic(topic: string): string | undefined {
  if (!isValidTopicFilter(withNames(topic))) return `${shown(topic)} is no Topic Filter`;
  if (/^\$share(?:\/|$)/.test(topic)) {
    return `this rule can never match: of a shared subscription the topics behind the group are asked for, not ${shown(topic)}`;
  }
  const foreign = foreignPlaceholder(topic);
  return foreign === undefined ? undefined : unknownPlaceholder(foreign);
}

/** With something harmless in the places of names. */
function withNames(text: string): string {
  return text.replace(OWN_SPELLING.pattern, "x");
}

function complainOfPlaceholder(text: string, path: Path, complain: Complain): void {
  const foreign = foreignPlaceholder(text);
  if (foreign !== undefined) complain(path, unknownPlaceholder(foreign));
}

/** `${user}` and the like would be taken literally, which nobody means. */
function foreignPlaceholder(text: string): string | undefined {
  return /\$\{[^}/]*\}/.exec(text.replace(OWN_SPELLING.pattern, ""))?.[0];
}

function unknownPlaceholder(placeholder: string): string {
  const known = Object.keys(OWN_SPELLING.names).join(" and ");
  return `unknown placeholder ${placeholder}; allowed: ${known}`;
}

/** One name or several; none is a mistake. */
function namesIn(
  given: unknown,
  path: Path,
  allowed: string,
  complain: Complain,
): readonly string[] {
  const names = Array.isArray(given) ? Array.from(given as readonly unknown[]) : [given];
  const texts = names.filter((name) => typeof name === "string" && name !== "") as string[];
  if (texts.length === names.length && texts.length > 0) return texts;
  complain(
    path,
    `${given === undefined ? "nothing" : shown(given)} stands here; allowed: ${allowed}`,
  );
  return [];
}

function checkKeys(given: Fields, known: readonly string[], path: Path, complain: Complain): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    complain(
      [...path, key],
      `unknown key ${key}${guess(key, known)}; allowed: ${known.join(", ")}`,
    );
  }
}

function guess(word: string, known: readonly string[]): string {
  const nearest = nearestTo(word, known);
  return nearest === undefined ? "" : `, did you mean ${nearest}?`;
}

/** Keys are checked by name; what stands at one may be anything. */
type Fields = Readonly<
  Partial<Record<"groups" | "rules" | "allow" | "deny" | "do" | "topic" | "parent" | "to", unknown>>
>;

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
