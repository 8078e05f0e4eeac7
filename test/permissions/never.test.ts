import { describe, expect, it } from "vitest";
import { neverMatching } from "../../src/permissions/never.js";
import { readSource } from "../../src/permissions/normalize.js";
import { pathText } from "../../src/permissions/problem.js";
import type { Rule } from "../../src/permissions/rule.js";
import { PointToPoint } from "../../src/topic/point-to-point.js";

function never(rules: readonly Rule[], addressing = new PointToPoint(true)): string[] {
  const read = readSource({ groups: { doctors: ["anna"] }, rules });
  expect(read.problems).toEqual([]);
  return neverMatching(read, addressing, pathText).map(
    ({ path, message }) => `${pathText(path)}: ${message}`,
  );
}

const ALL: Rule = { allow: "any", do: ["publish", "retain"], topic: "a/#" };

describe("a rule that can never match", () => {
  it.each<[string, Rule, Rule]>([
    ["the same", ALL, ALL],
    ["a narrower topic", ALL, { deny: "any", do: "publish", topic: "a/b" }],
    ["a narrower topic of somebody", ALL, { deny: { user: "x" }, do: "publish", topic: "a/+" }],
    ["a name in the topic", ALL, { deny: "any", do: "publish", topic: "a/${clientId}/b" }],
    [
      "a user of a group",
      { deny: { group: "doctors" }, do: "publish", topic: "a" },
      { allow: { user: "anna" }, do: "publish", topic: "a" },
    ],
    [
      "receiving what may not be subscribed to",
      { deny: "any", do: "subscribe", topic: "a/+" },
      { allow: "any", do: "receive", topic: "a/b" },
    ],
    [
      "a receiver",
      { allow: "any", do: "sendTo", parent: "+", to: "+" },
      { deny: { user: "x" }, do: "sendTo", parent: "p", to: "${clientId}" },
    ],
  ])("is hidden by an earlier one: %s", (_, first, second) => {
    expect(never([first, second])).toEqual([
      "rules[1]: this rule can never match: rules[0] decides before it",
    ]);
  });

  it("is hidden by several together", () => {
    const rules: Rule[] = [
      { allow: "any", do: "publish", topic: "a/#" },
      { deny: "any", do: "retain", topic: "a/#" },
      { allow: { user: "x" }, do: ["publish", "retain"], topic: "a/b" },
    ];
    expect(never(rules)).toEqual([
      "rules[2]: this rule can never match: rules[0] and rules[1] decide before it",
    ]);
  });

  it.each(["chat/p2p/bob", "chat/p2p/+", "chat/p2p/${username}", "chat/p2p/bob/"])(
    "has the topic of an inbox: %s",
    (topic) => {
      const rules: Rule[] = [{ allow: "any", do: "publish", topic }];
      expect(never(rules)[0]).toContain(`rules[0]: this rule can never match: ${topic} addresses`);
      expect(never(rules, new PointToPoint(false))).toEqual([]);
      expect(never(rules, new PointToPoint(true, ["other"]))).toEqual([]);
    },
  );
});

describe("a rule that matches something", () => {
  it.each<[string, readonly Rule[]]>([
    ["a wider topic", [{ deny: "any", do: "publish", topic: "a/b" }, ALL]],
    ["another verb", [ALL, { deny: "any", do: "subscribe", topic: "a/b" }]],
    ["one verb more", [ALL, { deny: "any", do: ["publish", "subscribe"], topic: "a/b" }]],
    ["one topic more", [ALL, { deny: "any", do: "publish", topic: ["a/b", "c"] }]],
    [
      "a topic with $",
      [
        { ...ALL, topic: "#" },
        { ...ALL, topic: "$SYS/#" },
      ],
    ],
    [
      "somebody more",
      [
        { allow: { user: "anna" }, do: "publish", topic: "a" },
        { deny: "any", do: "publish", topic: "a" },
      ],
    ],
    [
      "one user of a list more",
      [
        { allow: { user: "x" }, do: "publish", topic: "a" },
        { allow: { user: ["x", "y"] }, do: "publish", topic: "a" },
      ],
    ],
    [
      "what a name may not take",
      [
        { allow: "any", do: "publish", topic: "a/${clientId}" },
        { deny: "any", do: "publish", topic: "a/b" },
      ],
    ],
    ["wildcards that find inboxes and others", [{ ...ALL, topic: "chat/+/bob" }]],
    ["topics below p2p that are none of a Client", [{ ...ALL, topic: "chat/p2p" }]],
  ])("stands: %s", (_, rules) => {
    expect(never(rules)).toEqual([]);
  });
});
