import type { NormalRule } from "../../src/permissions/normal-rule.js";
import { VerbBit } from "../../src/permissions/normal-rule.js";
import { readSource } from "../../src/permissions/normalize.js";
import type { RulesSource, Verb } from "../../src/permissions/rule.js";
import type { Subject } from "../../src/permissions/rule-set.js";
import { matches } from "../../src/topic/matches.js";

/** What the rules say, read one after the other: the oracle of the tests. No addresses. */
export function plainAnswer(
  source: RulesSource,
  subject: Subject,
  verb: Verb,
  topicName: string,
): boolean {
  const { rules } = readSource(source);
  for (const rule of rules) {
    if ((rule.verbs & VerbBit[verb]) === 0 || !isAbout(source, rule, subject)) continue;
    if (rule.filters.some((text) => fits(text, rule.allows, subject, topicName)))
      return rule.allows;
  }
  return false;
}

/** Whether a message may be given to it by a Subscription. */
export function plainlyMayReceive(source: RulesSource, subject: Subject, topic: string): boolean {
  return (["subscribe", "receive"] as const).every((verb) =>
    plainAnswer(source, subject, verb, topic),
  );
}

const PLACEHOLDER = /\$\{(?:clientId|username)\}/;

function isAbout({ groups = {} }: RulesSource, { whom }: NormalRule, subject: Subject): boolean {
  return whom.some(({ kind, name }) => {
    if (kind === "user") return subject.username === name;
    if (kind === "clientId") return subject.clientId === name;
    if (kind === "group") return groups[name]?.includes(subject.username as string) === true;
    return kind === "any";
  });
}

function fits(text: string, allows: boolean, subject: Subject, topicName: string): boolean {
  let isMissing = false;
  const levels = text.split("/").map((level, at) => {
    let isWrong = false;
    const filled = level.replace(
      /\$\{(clientId|username)\}/g,
      (_, key: "clientId" | "username") => {
        const name = subject[key];
        if (name === undefined) isMissing = true;
        else if (name === "" || /[/+#\0]/.test(name)) isWrong = true;
        return name ?? "";
      },
    );
    // By the placeholder, not by what came of it: a Client may be called `${clientId}`.
    const isNamed = PLACEHOLDER.test(level);
    if (isNamed && at === 0 && filled.startsWith("$") && level.startsWith("${")) isWrong = true;
    if (isNamed && at === 1 && filled === "p2p") isWrong = true;
    return isWrong ? undefined : filled;
  });
  if (isMissing) return false;
  const wrongAt = levels.indexOf(undefined);
  if (wrongAt === -1) return matches(levels.join("/"), topicName);
  if (allows) return false;
  const before = text.split("/").slice(
    0,
    text.split("/").findIndex((level) => PLACEHOLDER.test(level)),
  );
  return before.length === 0 || matches([...before, "#"].join("/"), topicName);
}
