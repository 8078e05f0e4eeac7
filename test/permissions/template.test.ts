import { describe, expect, it } from "vitest";
import { MOSQUITTO_SPELLING, OWN_SPELLING, Template } from "../../src/permissions/template.js";

const anna = { clientId: "c1", username: "anna" };

describe("a template", () => {
  it.each([
    ["a/${clientId}/#", "a/+/#", "a/", "a/c1/#"],
    ["${username}/x", "+/x", "", "anna/x"],
    ["a/x-${username}-${clientId}", "a/+", "a/", "a/x-anna-c1"],
    ["a/+/${clientId}/b", "a/+/+/b", "a/+/", "a/+/c1/b"],
    ["$SYS/${clientId}", "$SYS/+", "$SYS/", "$SYS/c1"],
    ["$x${clientId}", "+", "", "$xc1"],
  ])("%s is %s until it is filled", (text, filter, prefix, filled) => {
    const template = Template.of(text, OWN_SPELLING);
    expect(template?.filter).toBe(filter);
    expect(template?.prefix).toBe(prefix);
    expect(template?.filledFor(anna)).toBe(filled);
  });

  it.each(["a/b", "a/%c", "a/$clientId", "a/${user}", "a/${clientId"])("%s is none", (text) => {
    expect(Template.of(text, OWN_SPELLING)).toBeUndefined();
  });

  it("is spelt as Mosquitto does in its files", () => {
    const template = Template.of("a/%c/%u/${clientId}/%%c", MOSQUITTO_SPELLING);
    expect(template?.filledFor(anna)).toBe("a/c1/anna/${clientId}/%c1");
  });

  it.each(["", "a/b", "+", "#", "a+", "\0", "/"])(
    "[H02] has no place for the name %j",
    (clientId) => {
      const template = Template.of("a/x${clientId}/#", OWN_SPELLING);
      expect(template?.filledFor({ ...anna, clientId })).toBeUndefined();
      expect(template?.fits(`a/x${clientId}/b`, { ...anna, clientId })).toBe(false);
    },
  );

  it.each(["%c", "%u", "${username}", "${clientId}", "..", "$SYS", "é"])(
    "[H02] takes the name %j as it is, and looks for nothing in it",
    (clientId) => {
      const template = Template.of("a/${clientId}/#", OWN_SPELLING);
      expect(template?.filledFor({ ...anna, clientId })).toBe(`a/${clientId}/#`);
    },
  );

  it("[H02] makes nobody the owner of $ topics, nor of the inboxes of others", () => {
    const first = Template.of("${clientId}/#", OWN_SPELLING);
    expect(first?.filledFor({ ...anna, clientId: "$SYS" })).toBeUndefined();
    const second = Template.of("a/${clientId}/#", OWN_SPELLING);
    expect(second?.filledFor({ ...anna, clientId: "p2p" })).toBeUndefined();
    const composed = Template.of("a/p${clientId}", OWN_SPELLING);
    expect(composed?.filledFor({ ...anna, clientId: "2p" })).toBeUndefined();
  });

  it("knows who has no name to put there", () => {
    const nobody = { clientId: "c1", username: undefined };
    expect(Template.of("a/${username}", OWN_SPELLING)?.isMissingFor(nobody)).toBe(true);
    expect(Template.of("a/${username}", OWN_SPELLING)?.isMissingFor(anna)).toBe(false);
    expect(Template.of("a/${clientId}", OWN_SPELLING)?.isMissingFor(nobody)).toBe(false);
    expect(Template.of("a/${username}", OWN_SPELLING)?.filledFor(nobody)).toBeUndefined();
  });

  it.each([
    ["a/${clientId}/b", "a/c1/b", true],
    ["a/${clientId}/b", "a/c2/b", false],
    ["a/${clientId}", "a/c1x", false],
    ["a/${clientId}", "a/c", false],
    ["+/${clientId}/${username}", "x/c1/anna", true],
    ["+/${clientId}/${username}", "x/anna/c1", false],
    ["${username}/#", "anna", true],
    ["${username}/#", "anna/b/c", true],
  ])("%s fits %s: %s", (text, topicName, isFitting) => {
    expect(Template.of(text, OWN_SPELLING)?.fits(topicName, anna)).toBe(isFitting);
  });
});
