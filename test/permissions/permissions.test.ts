import { describe, expect, it } from "vitest";
import { ownRules, Permissions, rightsOf, ruleSetOf } from "../../src/permissions/permissions.js";
import { RulesError } from "../../src/permissions/problem.js";
import type { Rule, RulesSource } from "../../src/permissions/rule.js";

const ANNA = { clientId: "c1", username: "anna", remoteAddress: "127.0.0.1:1" };
const PUBLISH_A: RulesSource = { rules: [{ allow: "any", do: "publish", topic: "a/#" }] };
const PUBLISH_B: RulesSource = { rules: [{ allow: "any", do: "publish", topic: "b/#" }] };

describe("permissions", () => {
  it("deny what no rule allows", () => {
    const rights = rightsOf(new Permissions(PUBLISH_A), ANNA, undefined);
    expect(rights?.mayPublish("a/b", false)).toBe(true);
    expect(rights?.mayPublish("b", false)).toBe(false);
    expect(rights?.reachOf("a/b")).toBe("none");
  });

  it("[H06] may be exchanged, and wrong ones change nothing", () => {
    const permissions = new Permissions(PUBLISH_A);
    const rights = rightsOf(permissions, ANNA, undefined);
    permissions.replace(PUBLISH_B);
    expect(rights?.mayPublish("a/b", false)).toBe(false);
    expect(rights?.mayPublish("b/c", false)).toBe(true);
    expect(() => permissions.replace({ rules: [{}] } as never)).toThrow(RulesError);
    expect(rights?.mayPublish("b/c", false)).toBe(true);
  });

  it("[H05] are refused whole when a rule is wrong, or can never match", () => {
    const twice = { rules: [...PUBLISH_A.rules, ...PUBLISH_A.rules] };
    expect(() => new Permissions(twice)).toThrow(
      "rules[1]: this rule can never match: rules[0] decides before it",
    );
    expect(() => new Permissions({ rules: "x" } as never)).toThrow(RulesError);
    expect(ruleSetOf(ruleSetOf(PUBLISH_A))).toBeInstanceOf(Object);
  });

  it("[H05] with no rules deny everything", () => {
    const rights = rightsOf(new Permissions({ rules: [] }), ANNA, undefined);
    expect(rights?.mayPublish("a", false)).toBe(false);
    expect(rights?.maySendTo("x", "p", "p/p2p/x")).toBe(false);
    expect(rights?.reachOf("#")).toBe("none");
  });
});

describe("rules that a Client has for itself", () => {
  const own: readonly Rule[] = [{ deny: "any", do: "publish", topic: "a/x" }];

  it("come before those of everybody", () => {
    const rights = rightsOf(new Permissions(PUBLISH_A), ANNA, own);
    expect(rights?.mayPublish("a/b", false)).toBe(true);
    expect(rights?.mayPublish("a/x", false)).toBe(false);
  });

  it("stand alone where there are no others", () => {
    const rights = rightsOf(undefined, ANNA, PUBLISH_A.rules);
    expect(rights?.mayPublish("a/b", false)).toBe(true);
    expect(rights?.mayPublish("b", false)).toBe(false);
    rights?.replaceOwn(ownRules(PUBLISH_B.rules));
    expect(rights?.mayPublish("a/b", false)).toBe(false);
    expect(rights?.mayPublish("b", false)).toBe(true);
  });

  it("that are wrong are none", () => {
    expect(() => rightsOf(undefined, ANNA, "all")).toThrow(RulesError);
    expect(() => rightsOf(undefined, ANNA, [{ allow: "any" }])).toThrow("rules[0].do");
  });

  it("need not be there: then everything is allowed", () => {
    expect(rightsOf(undefined, ANNA, undefined)).toBeUndefined();
  });
});
