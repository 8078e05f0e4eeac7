import fc from "fast-check";
import { expect, test } from "vitest";
import { covers, matches, overlap } from "../../src/topic/matches.js";
import { roundsOf } from "../support/quick.js";
import { levelsUpTo, topicFilter, topicName } from "./topics.js";

/** The same question put to a regular expression. */
function matchesByRegExp(filter: string, name: string): boolean {
  const levels = filter.split("/").map((level) => {
    if (level === "+") return "[^/]*";
    return level === "#" ? "[\\s\\S]*" : level.replace(/[$.\\]/g, "\\$&");
  });
  const dollar = /^[+#]/.test(filter) ? "(?!\\$)" : "";
  const pattern = levels.join("/").replace(/\/\[\\s\\S\]\*$/, "(/[\\s\\S]*)?");
  return new RegExp(`^${dollar}${pattern}$`).test(name);
}

test("[MQTT-4.7.2-1] [MQTT-4.7.3-4] the plain matcher agrees with a regular expression", () => {
  fc.assert(
    fc.property(topicFilter, topicName, (filter, name) => {
      expect(matches(filter, name)).toBe(matchesByRegExp(filter, name));
    }),
    { numRuns: roundsOf(2_000) },
  );
});

test("a filter without a wildcard matches the equal name and no other", () => {
  fc.assert(
    fc.property(topicName, topicName, (one, other) => {
      expect(matches(one, other)).toBe(one === other);
    }),
  );
});

// Two letters of the filters, one that they never use, an empty level and a dollar sign are enough:
// all other levels behave as one of these. One level more than the filters have, too.
const names = levelsUpTo(4, ["a", "b", "z", "", "$"]);
const fewLevels = fc.constantFrom("a", "b", "", "$", "+");
const shortFilter = fc
  .tuple(fc.array(fewLevels, { maxLength: 2 }), fc.oneof(fewLevels, fc.constant("#")))
  .map(([levels, last]) => [...levels, last].join("/"))
  .filter((text) => text !== "");

test("what is granted covers what is requested exactly when no Topic Name tells them apart", () => {
  fc.assert(
    fc.property(shortFilter, shortFilter, (granted, requested) => {
      const expected = names.every((name) => !matches(requested, name) || matches(granted, name));
      expect(covers(granted, requested)).toBe(expected);
    }),
    { numRuns: roundsOf(3_000) },
  );
});

test("two filters overlap exactly when a Topic Name matches both", () => {
  fc.assert(
    fc.property(shortFilter, shortFilter, (one, other) => {
      const expected = names.some((name) => matches(one, name) && matches(other, name));
      expect(overlap(one, other)).toBe(expected);
    }),
    { numRuns: roundsOf(3_000) },
  );
});
