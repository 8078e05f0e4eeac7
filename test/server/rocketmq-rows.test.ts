import { describe, expect, it } from "vitest";
import { isRocketMqName, ROCKETMQ_ROWS } from "../../src/server/rocketmq-rows.js";

describe("options of the bridge to RocketMQ", () => {
  it.each([
    ["demo", true],
    ["GID_x-1", true],
    ["%RETRY%a|b", true],
    ["x".repeat(127), true],
    ["x".repeat(128), false],
    ["", false],
    ["a.b", false],
    ["ü", false],
    ["a,b", false],
  ])("%j as a topic: %s", (name, isName) => {
    expect(isRocketMqName(name)).toBe(isName);
  });

  it("a group whose coming and going is told leaves room for what stands behind it", () => {
    const { isAllowed } = ROCKETMQ_ROWS.presence;
    expect([isAllowed("x".repeat(122)), isAllowed("x".repeat(123)), isAllowed("")]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([
    ["127.0.0.1:8081", true],
    ["a:1;b:2", true],
    ["localhost", false],
    ["a:1;", false],
    ["a:123456", false],
    ["http://a:1", false],
  ])("%j as an address: %s", (address, isAddress) => {
    expect(ROCKETMQ_ROWS.address.isAllowed(address)).toBe(isAddress);
  });

  it.each([
    ["*", true],
    ["a", true],
    ["a || b||c", true],
    ["", false],
    ["a |", false],
    ["a b", false],
  ])("%j as tags: %s", (tags, areTags) => {
    expect(ROCKETMQ_ROWS.tags.isAllowed(tags)).toBe(areTags);
  });
});
