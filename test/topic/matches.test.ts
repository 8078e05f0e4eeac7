import { describe, expect, it } from "vitest";
import { covers, matches, overlap } from "../../src/topic/matches.js";

describe("matches", () => {
  it.each([
    // The standard's own examples, §4.7.1.2, §4.7.1.3 and §4.7.2.1
    ["sport/tennis/player1/#", "sport/tennis/player1", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/ranking", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
    ["sport/#", "sport", true],
    ["#", "sport/tennis", true],
    ["sport/tennis/+", "sport/tennis/player1", true],
    ["sport/tennis/+", "sport/tennis/player1/ranking", false],
    ["sport/+", "sport", false],
    ["sport/+", "sport/", true],
    ["+/+", "/finance", true],
    ["/+", "/finance", true],
    ["+", "/finance", false],
    // Further ones
    ["a/b", "a/b", true],
    ["a/b", "a", false],
    ["a", "a/b", false],
    ["a/#", "ab", false],
    ["a/+/c/#", "a/b/c", true],
    ["a/+/c/#", "a/b", false],
    ["+/#", "a", true],
    ["/#", "/", true],
    ["/#", "a", false],
    ["a//b", "a/b", false],
    ["a/+/b", "a//b", true],
    ["a/+/#", "a", false],
  ])("§4.7.1: %s asked for %s says %s", (topicFilter, topicName, expected) => {
    expect(matches(topicFilter, topicName)).toBe(expected);
  });

  it.each([
    ["#", "$SYS/x", false],
    ["#", "$", false],
    ["+/x", "$SYS/x", false],
    ["+/#", "$SYS/x", false],
    ["+", "$anything", false],
    ["$SYS/#", "$SYS/monitor/Clients", true],
    ["$SYS/#", "$SYS", true],
    ["$SYS/monitor/+", "$SYS/monitor/Clients", true],
    ["a/+", "a/$b", true],
    ["a/#", "a/$b", true],
  ])("[MQTT-4.7.2-1] %s asked for %s says %s", (topicFilter, topicName, expected) => {
    expect(matches(topicFilter, topicName)).toBe(expected);
  });

  it.each([
    ["caf\u00e9", "cafe\u0301"],
    ["ACCOUNTS", "Accounts"],
    ["ＡＢ", "AB"],
    ["a%2Fb", "a/b"],
    ["a/./b", "a/b"],
    ["a/../b", "b"],
    ["\ufeffa", "a"],
    ["a ", "a"],
  ])("[MQTT-4.7.3-4] [C08] keeps %j and %j apart", (one, other) => {
    expect(matches(one, other)).toBe(false);
    expect(matches(one, one)).toBe(true);
    expect(matches(other, other)).toBe(true);
  });
});

describe("covers", () => {
  it.each([
    ["a/b", "a/b", true],
    ["a/+", "a/b", true],
    ["a/+", "a/+", true],
    ["a/b", "a/+", false],
    ["a/#", "a", true],
    ["a/#", "a/#", true],
    ["a/#", "a/+/c", true],
    ["a/+", "a/#", false],
    ["a/+/#", "a/#", false],
    ["+/#", "#", true],
    ["+/+/#", "#", false],
    ["/+/#", "/#", true],
    ["+/+/#", "/#", true],
    ["/#", "/+/#", true],
    ["#", "a/#", true],
    ["#", "#", true],
    ["+", "a/b", false],
    ["a/b", "a", false],
    ["a", "a/b", false],
    ["+", "#", false],
    ["a/+/#", "a", false], // what ends before a `+` has no parent level for the `#` behind it
  ])("%s allows all that %s asks for: %s", (granted, requested, expected) => {
    expect(covers(granted, requested)).toBe(expected);
  });

  it.each([
    ["#", "$SYS/x", false],
    ["+/#", "$SYS/#", false],
    ["$SYS/#", "$SYS/+/x", true],
    ["$SYS/#", "$SYS", true],
    ["$SYS/#", "#", false],
  ])("[MQTT-4.7.2-1] %s allows all that %s asks for: %s", (granted, requested, expected) => {
    expect(covers(granted, requested)).toBe(expected);
  });
});

describe("overlap", () => {
  it.each([
    ["a/b", "a/b", true],
    ["a/b", "a/c", false],
    ["a/b", "x/b", false],
    ["a/+", "a/b", true],
    ["a/+", "+/b", true],
    ["a/+", "b/+", false],
    ["+", "+", true],
    ["a", "a/b", false],
    ["a/+", "a", false],
    ["+", "a/b", false],
    ["a/#", "a", true],
    ["a/#", "a/b/c", true],
    ["a/#", "+/b/c", true],
    ["a/#", "b/#", false],
    ["a/+/#", "a", false], // what ends before a `+` has no parent level for the `#` behind it
    ["#", "a/b", true],
    ["#", "+", true],
    ["/a", "a", false],
    ["/#", "+", false], // the parent level of `/#` would be an empty Topic Name
    ["/#", "/+", true],
    ["/#", "#", true],
  ])("whether a Topic Name matches %s and %s: %s, either way round", (one, other, expected) => {
    expect(overlap(one, other)).toBe(expected);
    expect(overlap(other, one)).toBe(expected);
  });

  it.each([
    ["#", "$SYS/x", false],
    ["+/x", "$SYS/x", false],
    ["+/#", "$SYS/#", false],
    ["$SYS/#", "$SYS/x", true],
    ["$SYS/+", "$SYS/x", true],
    ["$SYS/+", "$other/+", false],
  ])(
    "[MQTT-4.7.2-1] whether a Topic Name matches %s and %s: %s, either way round",
    (one, other, expected) => {
      expect(overlap(one, other)).toBe(expected);
      expect(overlap(other, one)).toBe(expected);
    },
  );
});
