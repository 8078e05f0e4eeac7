import { describe, expect, it } from "vitest";
import {
  discouragedCharacter,
  isLoneSurrogate,
  isSurrogate,
  isValidTopicName,
  isWithinBytes,
  isWithinTopicBytes,
  levelCount,
  startsWithDollar,
  topicNameViolation,
  utf8Length,
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

describe("discouragedCharacter", () => {
  it.each([
    ["a\u0007b", "U+0007"],
    ["\u0000", "U+0000"],
    ["\u009f\u0001", "U+009F"],
    ["a\uffff", "U+FFFF"],
    ["\u{1f600}\u{1fffe}", "U+1FFFE"],
  ])("§1.5.3 names the first one of %j", (text, name) => {
    expect(discouragedCharacter(text)).toBe(name);
  });

  it.each(["", "a/b", "caf\u00e9", "\u{1f600}", "a\u00a0b"])("§1.5.3 finds none in %j", (text) => {
    expect(discouragedCharacter(text)).toBeUndefined();
  });
});

describe("the bytes of a text", () => {
  it.each([
    ["", 0],
    ["\u007f", 1],
    ["\u0080", 2],
    ["\u07ff", 2],
    ["\u0800", 3],
    ["\ud7ff", 3],
    ["\ue000", 3],
    ["\u{1f600}", 4],
    ["a\u00e9\u4e2d\u{1f600}", 10],
  ])("of %j are %i", (text, bytes) => {
    expect(utf8Length(text)).toBe(bytes);
    expect(isWithinBytes(text, bytes)).toBe(true);
    expect(isWithinBytes(text, bytes - 1)).toBe(false);
  });
});

describe("surrogates", () => {
  it.each([
    [0xd7ff, false],
    [0xd800, true],
    [0xdfff, true],
    [0xe000, false],
  ])("end where the standard of Unicode says: %i is one, %s", (unit, expected) => {
    expect(isSurrogate(unit)).toBe(expected);
  });

  it.each([
    ["\ud800\udc00", 0, false],
    ["\ud800\udc00", 1, false],
    ["\udbff\udfff", 0, false],
    ["\udbff\udfff", 1, false],
    ["\ud800", 0, true],
    ["\udc00", 0, true],
    ["\ud800\udbff", 0, true],
    ["\ud800\ue000", 0, true],
    ["\ud7ff\udc00", 1, true],
    ["\udc00\udc00", 1, true],
  ])("[MQTT-1.5.3-1] miss their other half or not: %j at %i, %s", (text, at, expected) => {
    expect(isLoneSurrogate(text, at)).toBe(expected);
  });
});
