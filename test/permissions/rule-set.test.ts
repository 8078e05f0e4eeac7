import { describe, expect, it } from "vitest";
import type { NormalRule, Whom } from "../../src/permissions/normal-rule.js";
import { RuleSet, type Sections, type Subject } from "../../src/permissions/rule-set.js";
import { MOSQUITTO_SPELLING, OWN_SPELLING } from "../../src/permissions/template.js";

const OWN = { spelling: OWN_SPELLING, asMosquitto: false };
const PRINT = `AB:${"00:".repeat(30)}cd`;

function ruleFor(...whom: Whom[]): NormalRule {
  return { allows: true, whom, verbs: 1, filters: ["t"] };
}

/** Numbers of the rules that are about somebody. */
function about(set: RuleSet, subject: Partial<Subject>): number[] {
  const whole = { clientId: "c1", username: undefined, remoteAddress: "", ...subject };
  const orders = set
    .sectionsOf(whole)
    .map(({ topics }: Sections) => topics.first(1, "t", whole, undefined)?.order ?? -1);
  return orders.sort();
}

const GROUPS = new Map([["anna", ["doctors", "staff"]]]);

describe("who a rule is about", () => {
  const set = new RuleSet(
    [
      ruleFor({ kind: "any", name: "" }),
      ruleFor({ kind: "anonymous", name: "" }),
      ruleFor({ kind: "user", name: "anna" }, { kind: "user", name: "any" }),
      ruleFor({ kind: "group", name: "doctors" }),
      ruleFor({ kind: "clientId", name: "c7" }),
      ruleFor({ kind: "address", name: "10.0.0.0/8" }),
      ruleFor({ kind: "certificate", name: PRINT }),
      ruleFor({ kind: "certificate", name: "device 7" }),
    ],
    GROUPS,
    OWN,
  );

  it.each<[string, Partial<Subject>, number[]]>([
    ["without a user name", {}, [0, 1]],
    ["a user of a group", { username: "anna" }, [0, 2, 3]],
    ["a user whose name is a word of ours", { username: "any" }, [0, 2]],
    ["an empty user name, which is one", { username: "" }, [0]],
    ["a user that is called like a group", { username: "doctors" }, [0]],
    ["a Client Identifier", { clientId: "c7" }, [0, 1, 4]],
    ["a Client Identifier like a user", { clientId: "anna" }, [0, 1]],
    ["an address", { remoteAddress: "10.1.2.3:7" }, [0, 1, 5]],
    [
      "a fingerprint",
      { certificate: { subject: {}, fingerprint256: PRINT.toUpperCase() } },
      [0, 1, 6],
    ],
    [
      "a common name",
      { certificate: { subject: { CN: "device 7" }, fingerprint256: "00" } },
      [0, 1, 7],
    ],
  ])("%s", (_, subject, expected) => {
    expect(about(set, subject)).toEqual(expected);
  });

  it.each<[string, string | string[]]>([
    ["with a NUL behind it", "device 7\0.evil"],
    ["twice", ["device 7", "other"]],
    ["alone in a list", ["device 7"]],
    ["that is empty", ""],
    ["that looks like a fingerprint", PRINT],
  ])("[H14] a common name %s is nobody's", (_, CN) => {
    expect(about(set, { certificate: { subject: { CN }, fingerprint256: "00" } })).toEqual([0, 1]);
  });
});

it("Mosquitto's patterns are not for names with + or #", () => {
  const manners = { spelling: MOSQUITTO_SPELLING, asMosquitto: true };
  const rules = [ruleFor({ kind: "any", name: "" }), ruleFor({ kind: "user", name: "a+" })];
  const set = new RuleSet(rules, GROUPS, manners);
  expect(about(set, { username: "a+" })).toEqual([1]);
  expect(about(set, { clientId: "#" })).toEqual([]);
  expect(about(set, { clientId: "a/b" })).toEqual([0]);
});

it("rules of another set may come before", () => {
  const set = new RuleSet([ruleFor({ kind: "any", name: "" })], GROUPS, OWN, -10);
  expect(about(set, {})).toEqual([-10]);
});
