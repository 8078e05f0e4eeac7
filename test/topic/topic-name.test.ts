import { describe, expect, it } from "vitest";
import {
  isValidTopicName,
  isWithinTopicBytes,
  levelCount,
  startsWithDollar,
  topicNameViolation,
} from "../../src/topic/topic-name.js";

describe("topicNameViolation", () => {
  it("[MQTT-4.7.3-1] refuses an empty Topic Name", () => {
    expect(topicNameViolation("")).toBe("empty-topic-name");
    expect(isValidTopicName("")).toBe(false);
  });

  it.each(["+", "#", "a/+", "a/#", "a+b", "#a", "a/b#/c"])(
    "[MQTT-4.7.1-1] refuses the wildcard in %s",
    (topicName) => {
      expect(topicNameViolation(topicName)).toBe("wildcard-in-topic-name");
      expect(isValidTopicName(topicName)).toBe(false);
    },
  );

  it.each(["\0", "a\0", "a/\0/b"])("[MQTT-4.7.3-2] refuses U+0000 in %j", (topicName) => {
    expect(topicNameViolation(topicName)).toBe("null-character");
    expect(isValidTopicName(topicName)).toBe(false);
  });

  it.each([
    "\ud800",
    "a\udc00",
    "\udc00\ud800",
    "\ud83d\ud83d\ude00",
    "\ud83d\ude00\ude00",
    "\ud800/",
  ])("[MQTT-4.7.3-3] refuses half a surrogate pair in %j", (topicName) => {
    expect(topicNameViolation(topicName)).toBe("ill-formed-utf8");
    expect(isValidTopicName(topicName)).toBe(false);
  });

  it.each([
    "a",
    "/",
    "//",
    " ",
    "a b",
    "$SYS/x",
    "\u{1f600}/\u{10ffff}",
    "\ufeff",
    "ＡＢ",
    "0",
    "-1",
  ])("[MQTT-4.7.3-4] takes %j as it is", (topicName) => {
    expect(topicNameViolation(topicName)).toBeUndefined();
    expect(isValidTopicName(topicName)).toBe(true);
  });
});

describe("isValidTopicName", () => {
  it.each([
    ["1 byte", "a", 65_535],
    ["2 bytes", "é", 32_767],
    ["3 bytes", "中", 21_845],
    ["4 bytes", "\u{1f600}", 16_383],
  ])("[MQTT-4.7.3-3] counts a character of %s as such", (_, character, countMax) => {
    const longest = character.repeat(countMax);
    const rest = 65_535 - new TextEncoder().encode(longest).length;
    expect(isValidTopicName(longest + "a".repeat(rest))).toBe(true);
    expect(isValidTopicName(longest + "a".repeat(rest + 1))).toBe(false);
  });

  it("[MQTT-4.7.3-3] leaves the length out of what a peer can violate", () => {
    expect(topicNameViolation("a".repeat(65_536))).toBeUndefined();
    expect(isWithinTopicBytes("a".repeat(65_536))).toBe(false);
  });
});

describe("levelCount", () => {
  it.each([
    ["a", 1],
    ["/", 2],
    ["a/", 2],
    ["/a", 2],
    ["a//b", 3],
    ["sport/tennis/player1", 3],
  ])("finds the levels of %s", (topic, count) => {
    expect(levelCount(topic)).toBe(count);
  });

  it("[D10] counts 32,769 empty levels without recursion", () => {
    expect(levelCount("/".repeat(32_768))).toBe(32_769);
  });
});

describe("startsWithDollar", () => {
  it("[MQTT-4.7.2-1] looks at the first character alone", () => {
    expect(startsWithDollar("$SYS/x")).toBe(true);
    expect(startsWithDollar("$")).toBe(true);
    expect(startsWithDollar("a/$SYS")).toBe(false);
    expect(startsWithDollar("/$SYS")).toBe(false);
    expect(startsWithDollar("")).toBe(false);
  });
});
