import fc from "fast-check";
import type { Rule, RulesSource, Who } from "../../src/permissions/rule.js";
import type { Subject } from "../../src/permissions/rule-set.js";

/** Names that want to be more than a name. */
export const hostileName = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("anna", "berta", "a", "b", "p2p") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...["+", "#", "a/b", "/", "$SYS", "$x", "%c", "%u", "${clientId}", "${username}", "\0", ""],
      ...["a/#", "../a", "a\0b", "%", "${", "a+", "c#d", "anna/"],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom("a", "/", "+", "#", "$", "{", "}", "%"),
      maxLength: 4,
    }),
  },
);

const level = fc.constantFrom("a", "b", "p2p", "anna", "berta", "");
const nameLevel = fc.constantFrom(
  "${clientId}",
  "${username}",
  "x${clientId}",
  "p${username}",
  "${clientId}-${username}",
);

/** Topics of rules, with and without placeholders. */
export const ruleTopic = fc
  .tuple(
    fc.array(fc.oneof({ weight: 3, arbitrary: level }, nameLevel, fc.constant("+")), {
      maxLength: 3,
    }),
    fc.oneof({ weight: 3, arbitrary: level }, nameLevel, fc.constant("+"), fc.constant("#")),
    fc.oneof({ weight: 6, arbitrary: fc.constant("") }, fc.constant("$SYS/")),
  )
  .map(([levels, last, dollar]) => dollar + [...levels, last].join("/"))
  .filter((topic) => topic !== "");

const who: fc.Arbitrary<Who> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Who>("any") },
  fc.constantFrom("anna", "berta").map((user) => ({ user })),
  fc.constant({ group: "g" }),
  fc.constantFrom("a", "b", "anna").map((clientId) => ({ clientId })),
);

const topicVerbs = fc.subarray(["publish", "retain", "subscribe", "receive"] as const, {
  minLength: 1,
});

function rule(about: fc.Arbitrary<object>): fc.Arbitrary<Rule> {
  return fc
    .tuple(fc.boolean(), who, about)
    .map(
      ([allows, whom, rest]) => ({ [allows ? "allow" : "deny"]: whom, ...rest }) as unknown as Rule,
    );
}

const topicRule = rule(fc.record({ do: topicVerbs, topic: ruleTopic }));
const addressLevel = fc.constantFrom(
  "+",
  "a",
  "b",
  "anna",
  "${clientId}",
  "${username}",
  "x${clientId}",
);
const addressRule = rule(
  fc.record({ do: fc.constant("sendTo"), parent: addressLevel, to: addressLevel }),
);

/** Random rules. Some of them may never match: nobody minds here. */
export const rulesSource: fc.Arbitrary<RulesSource> = fc
  .array(fc.oneof({ weight: 3, arbitrary: topicRule }, addressRule), { maxLength: 8 })
  .map((rules) => ({ groups: { g: ["anna"] }, rules }));

export const subject: fc.Arbitrary<Subject> = fc.record({
  clientId: hostileName,
  username: fc.option(hostileName, { nil: undefined }),
  remoteAddress: fc.constant("127.0.0.1:1"),
});
