import { describe, expect, it } from "vitest";
import {
  hasWildcard,
  isValidTopicFilter,
  topicFilterViolation,
} from "../../src/topic/topic-filter.js";

describe("topicFilterViolation", () => {
  it("[MQTT-4.7.3-1] refuses an empty Topic Filter", () => {
    expect(topicFilterViolation("")).toBe("empty-topic-filter");
    expect(isValidTopicFilter("")).toBe(false);
  });

  it.each(["a#", "#/a", "a/#/b", "##", "sport/tennis#", "sport/tennis/#/ranking", "/#/", "+#"])(
    "[MQTT-4.7.1-2] [D07] refuses %s: # is not a whole last level",
    (topicFilter) => {
      // Of two misplaced wildcards the first one is named.
      const code = topicFilter === "+#" ? "misplaced-single-level-wildcard" : undefined;
      expect(topicFilterViolation(topicFilter)).toBe(code ?? "misplaced-multi-level-wildcard");
      expect(isValidTopicFilter(topicFilter)).toBe(false);
    },
  );

  it.each(["a+", "+a", "a/b+", "a/+b/c", "sport+", "++", "+/a+"])(
    "[MQTT-4.7.1-3] [D07] refuses %s: + is not a whole level",
    (topicFilter) => {
      expect(topicFilterViolation(topicFilter)).toBe("misplaced-single-level-wildcard");
      expect(isValidTopicFilter(topicFilter)).toBe(false);
    },
  );

  it.each(["#", "/#", "a/#", "sport/tennis/player1/#", "+/#", "$SYS/#"])(
    "[MQTT-4.7.1-2] takes # as a whole last level: %s",
    (topicFilter) => {
      expect(topicFilterViolation(topicFilter)).toBeUndefined();
      expect(isValidTopicFilter(topicFilter)).toBe(true);
    },
  );

  it.each(["+", "+/tennis/#", "sport/+/player1", "/+", "+/+", "+/", "/+/"])(
    "[MQTT-4.7.1-3] takes + as a whole level anywhere: %s",
    (topicFilter) => {
      expect(topicFilterViolation(topicFilter)).toBeUndefined();
      expect(isValidTopicFilter(topicFilter)).toBe(true);
    },
  );

  it.each(["\0", "a/\0", "+/\0/#"])("[MQTT-4.7.3-2] refuses U+0000 in %j", (topicFilter) => {
    expect(topicFilterViolation(topicFilter)).toBe("null-character");
  });

  it.each(["\ud800", "+/\udfff", "\ud83d\ud83d\ude00"])(
    "[MQTT-4.7.3-3] refuses half a surrogate pair in %j",
    (topicFilter) => {
      expect(topicFilterViolation(topicFilter)).toBe("ill-formed-utf8");
    },
  );

  it.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"])(
    "[C10] [C11] takes %s as an ordinary filter",
    (word) => {
      expect(topicFilterViolation(word)).toBeUndefined();
      expect(topicFilterViolation(`${word}/+`)).toBeUndefined();
    },
  );

  it("[MQTT-4.7.3-3] takes 65,535 bytes and refuses one more, which no peer can send", () => {
    const longest = "+/".repeat(32_767);
    expect(isValidTopicFilter(`${longest}+`)).toBe(true);
    expect(isValidTopicFilter(`${longest}aa`)).toBe(false);
    expect(topicFilterViolation(`${longest}aa`)).toBeUndefined();
  });

  it("[D10] looks at 32,769 levels without recursion", () => {
    expect(topicFilterViolation("/".repeat(32_768))).toBeUndefined();
    expect(topicFilterViolation(`${"+/".repeat(32_767)}#`)).toBeUndefined();
  });
});

describe("hasWildcard", () => {
  it.each(["+", "#", "a/+", "+/a", "a/#", "a/+/b"])("sees the wildcard in %s", (topicFilter) => {
    expect(hasWildcard(topicFilter)).toBe(true);
  });

  it.each(["a", "/", "a/b", "$SYS"])("sees none in %s", (topicFilter) => {
    expect(hasWildcard(topicFilter)).toBe(false);
  });
});
