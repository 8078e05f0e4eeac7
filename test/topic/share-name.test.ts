import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asksForShare, shareNameOf } from "../../src/topic/share-name.js";
import { topicFilter } from "../support/arbitraries.js";

describe("[M30] the Topic Filter of a shared Subscription", () => {
  it.each([
    ["$share/g/t", { group: "g", topicFilter: "t" }],
    ["$share/g/#", { group: "g", topicFilter: "#" }],
    ["$share/g/+/b/#", { group: "g", topicFilter: "+/b/#" }],
    ["$share/g/$SYS/#", { group: "g", topicFilter: "$SYS/#" }],
    ["$share/a group/t", { group: "a group", topicFilter: "t" }],
    ["$share/$g/t", { group: "$g", topicFilter: "t" }],
    ["$share/g//t", { group: "g", topicFilter: "/t" }],
    ["$share/g//", { group: "g", topicFilter: "/" }],
    ["$share/g/$share", { group: "g", topicFilter: "$share" }],
  ])("%s has two halves", (text, halves) => {
    expect(asksForShare(text)).toBe(true);
    expect(shareNameOf(text)).toEqual(halves);
  });

  it.each([
    ["no filter", "$share/g"],
    ["no group and no filter", "$share/"],
    ["no group", "$share//t"],
    ["an empty filter", "$share/g/"],
    ["a wildcard as the group", "$share/+/t"],
    ["a wildcard in place of all", "$share/#"],
    ["a share within a share", "$share/g/$share/h/t"],
  ])("[D09] with %s is malformed: %s", (_, text) => {
    expect(asksForShare(text)).toBe(true);
    expect(shareNameOf(text)).toBeUndefined();
  });

  it.each(["$share", "$shared/g/t", "share/g/t", "a/$share/g/t", "#", "$SYS/#", "$Share/g/t"])(
    "is not what %s is",
    (text) => {
      expect(asksForShare(text)).toBe(false);
      expect(shareNameOf(text)).toBeUndefined();
    },
  );

  it("gives back any group and any filter", () => {
    const group = fc.string({ minLength: 1 }).filter((text) => !/[/+#\0]/.test(text));
    fc.assert(
      fc.property(group, topicFilter, (name, filter) => {
        fc.pre(!filter.startsWith("$share/"));
        const found = shareNameOf(`$share/${name}/${filter}`);
        expect(found).toEqual({ group: name, topicFilter: filter });
      }),
    );
  });
});
