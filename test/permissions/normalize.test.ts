import { describe, expect, it } from "vitest";
import { VerbBit } from "../../src/permissions/normal-rule.js";
import { readRules, readSource } from "../../src/permissions/normalize.js";
import { pathText } from "../../src/permissions/problem.js";

function complaints(source: unknown): string[] {
  return readSource(source).problems.map(({ path, message }) => `${pathText(path)}: ${message}`);
}

const GOOD = { allow: "any", do: "publish", topic: "a/#" };

describe("rules that are right", () => {
  it("are spelt out", () => {
    const { rules, groupsOf, problems } = readSource({
      groups: { doctors: ["anna", "berta"], staff: ["anna", "anna"] },
      rules: [
        { allow: { user: ["anna", "berta"] }, do: ["publish", "retain"], topic: ["a", "b/+"] },
        { deny: { group: "doctors" }, do: "subscribe", topic: "$SYS/${username}/#" },
        { allow: { address: "::1" }, do: ["sendTo"], parent: ["p", "+"], to: ["${clientId}", "x"] },
      ],
    });
    expect(problems).toEqual([]);
    expect([...groupsOf]).toEqual([
      ["anna", ["doctors", "staff"]],
      ["berta", ["doctors"]],
    ]);
    expect(rules).toEqual([
      {
        allows: true,
        whom: [
          { kind: "user", name: "anna" },
          { kind: "user", name: "berta" },
        ],
        verbs: VerbBit.publish | VerbBit.retain,
        filters: ["a", "b/+"],
        path: ["rules", 0],
      },
      {
        allows: false,
        whom: [{ kind: "group", name: "doctors" }],
        verbs: VerbBit.subscribe | VerbBit.receive, // to subscribe is to receive
        filters: ["$SYS/${username}/#"],
        path: ["rules", 1],
      },
      {
        allows: true,
        whom: [{ kind: "address", name: "::1" }],
        verbs: VerbBit.sendTo,
        filters: ["p/${clientId}", "p/x", "+/${clientId}", "+/x"],
        path: ["rules", 2],
      },
    ]);
  });

  it("may be none: then nothing is allowed", () => {
    expect(readSource({ rules: [] })).toMatchObject({ rules: [], problems: [] });
  });

  it("may stand alone, without groups", () => {
    expect(readRules([GOOD])).toMatchObject({ rules: [{ allows: true }], problems: [] });
    expect(readRules([{ ...GOOD, allow: { group: "g" } }]).problems).toHaveLength(1);
  });
});

describe("[M04] rules that are wrong are refused with the place and what was expected", () => {
  it.each<[string, unknown, string]>([
    ["no object", 7, ": 7 stands where groups and rules are expected"],
    ["no rules", {}, "rules: nothing stands where a list of rules is expected"],
    ["rules that are no list", { rules: "x" }, 'rules: "x" stands where a list of rules'],
    ["another key", { rules: [], ruels: [] }, "ruels: unknown key ruels, did you mean rules?"],
    ["groups that are a list", { groups: [], rules: [] }, "groups: [] stands where names of"],
    ["a group of nobody", { groups: { a: [] }, rules: [] }, "groups.a: [] stands here; allowed: a"],
    ["a rule that is none", { rules: ["x"] }, 'rules[0]: "x" is no rule; a rule is like { allow'],
  ])("%s", (_, source, expected) => {
    expect(complaints(source)[0]).toContain(expected);
  });

  it.each<[string, object, string]>([
    ["another key", { topics: "a" }, "rules[0].topics: unknown key topics, did you mean topic?"],
    ["allow and deny", { deny: "any" }, "rules[0]: a rule has either allow or deny"],
    ["neither", { allow: undefined }, "rules[0]: a rule has either allow or deny"],
    ["nobody", { allow: "anna" }, 'rules[0].allow: "anna" is nobody; allowed: any, or one of user'],
    ["two kinds", { allow: { user: "a", group: "b" } }, "rules[0].allow: "],
    ["no kind", { allow: {} }, "rules[0].allow: {} is nobody"],
    ["another kind", { allow: { role: "a" } }, "rules[0].allow.role: unknown kind of Client role"],
    ["an inherited kind", { allow: { constructor: "a" } }, "rules[0].allow.constructor: unknown"],
    ["no name", { allow: { user: [] } }, "rules[0].allow.user: [] stands here; allowed: a name"],
    ["an empty name", { allow: { user: "" } }, 'rules[0].allow.user: "" stands here'],
    ["a number", { allow: { user: 7 } }, "rules[0].allow.user: 7 stands here"],
    ["no group", { allow: { group: "g" } }, "rules[0].allow.group: this rule can never match: nob"],
    ["no address", { allow: { address: "here" } }, 'rules[0].allow.address: "here" is no address'],
    ["no verb", { do: undefined }, "rules[0].do: nothing stands here; allowed: one or several of"],
    ["another verb", { do: "write" }, 'rules[0].do: unknown "write"'],
    [
      "a verb that is near",
      { do: "publsih" },
      'rules[0].do: unknown "publsih", did you mean publish',
    ],
    ["verbs that do not go together", { do: ["publish", "sendTo"] }, "rules[0].do: sendTo and rec"],
    ["no topic", { topic: undefined }, "rules[0].topic: nothing stands here; allowed: a topic"],
    ["no Topic Filter", { topic: "a/#/b" }, 'rules[0].topic: "a/#/b" is no Topic Filter'],
    ["a wildcard beside a name", { topic: "a/+${clientId}" }, "is no Topic Filter"],
    ["a share", { topic: "$share/g/a" }, "rules[0].topic: this rule can never match: of a shared"],
    [
      "a placeholder",
      { topic: "a/${user}" },
      "rules[0].topic: unknown placeholder ${user}; allowed",
    ],
    ["a parent for a topic", { parent: "a" }, "rules[0].parent: this rule has topic, not parent"],
    ["no receiver", { do: "sendTo", parent: "a", topic: undefined }, "rules[0].to: nothing stands"],
    [
      "a topic for a receiver",
      { do: "sendTo", parent: "a", to: "+" },
      "rules[0].topic: this rule has parent and to, not topic",
    ],
    [
      "a parent that can be none",
      { do: "sendTo", topic: undefined, parent: "$a", to: "+" },
      'rules[0].parent: "$a" can be no level of a point-to-point topic: it can never match',
    ],
    [
      "a receiver that can be none",
      { do: "receipt", topic: undefined, parent: "+", to: "a/b" },
      'rules[0].to: "a/b" can be no level',
    ],
    [
      "a placeholder in a receiver",
      { do: "sendTo", topic: undefined, parent: "+", to: "${id}" },
      "rules[0].to: unknown placeholder ${id}",
    ],
  ])("%s", (_, change, expected) => {
    expect(complaints({ rules: [{ ...GOOD, ...change }] })[0]).toContain(expected);
  });

  it("all at once", () => {
    expect(complaints({ rules: [{ ...GOOD, topic: "" }, 7, { ...GOOD, do: "x" }] })).toHaveLength(
      3,
    );
  });
});
