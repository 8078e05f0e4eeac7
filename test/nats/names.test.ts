import { describe, expect, it } from "vitest";
import { clusterNames, isClusterName } from "../../src/nats/names.js";

describe("clusterNames", () => {
  it("gives each cluster a stream and subjects of its own", () => {
    expect(clusterNames("west-1")).toEqual({
      stream: "BL_west-1_ORDER",
      order: "bl.west-1.order",
      ordered: "bl.west-1.ordered",
      inboxes: "bl.west-1.n.",
    });
  });

  it.each(["", "a.b", "a b", "*", ">", "a/b", "ä", "x".repeat(33), "a\0"])(
    "[L01] refuses %j, which would be another subject",
    (name) => {
      expect(isClusterName(name)).toBe(false);
      expect(() => clusterNames(name)).toThrow(/cluster\.name is .* allowed: names of 1 to 32/);
    },
  );

  it("takes names of 32 characters", () => {
    expect(isClusterName("x".repeat(32))).toBe(true);
  });
});
