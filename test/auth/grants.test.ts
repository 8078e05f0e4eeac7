import { describe, expect, it } from "vitest";
import { grantsFrom, rulesFrom } from "../../src/auth/grants.js";

describe("grants", () => {
  it("come as lists, of which some may be missing", () => {
    expect(grantsFrom({ sub: "anna" })).toBeUndefined();
    expect(grantsFrom({ publish: ["a/#", "$SYS/x"], sendTo: ["ward/+", "+/b"] })).toEqual({
      publish: ["a/#", "$SYS/x"],
      subscribe: undefined,
      sendTo: ["ward/+", "+/b"],
    });
  });

  it.each([
    { publish: "a/#" },
    { publish: [7] },
    { publish: null },
    { subscribe: [""] },
    { subscribe: ["a/#/b"] },
    { subscribe: ["a\0"] },
    { sendTo: ["a"] },
    { sendTo: ["a/b/c"] },
    { sendTo: ["a/#"] },
    { sendTo: ["/b"] },
    { publish: ["a"], sendTo: [{}] },
    { publish: Array.from({ length: 1_001 }, (_, at) => `${at}`) },
  ])("are malformed as %j: nothing of it is granted", (claims) => {
    expect(grantsFrom(claims)).toBe("malformed");
  });

  it("are rules that leave nothing to those for everybody", () => {
    expect(rulesFrom({ publish: ["a/#"], subscribe: ["b"], sendTo: ["ward/+"] })).toEqual([
      { allow: "any", do: ["publish", "retain"], topic: ["a/#"] },
      { allow: "any", do: ["subscribe", "receive"], topic: ["b"] },
      { allow: "any", do: ["sendTo", "receipt"], parent: "ward", to: "+" },
      { deny: "any", do: ["publish", "retain", "subscribe", "receive"], topic: ["#"] },
      { deny: "any", do: ["sendTo", "receipt"], parent: "+", to: "+" },
    ]);
    expect(rulesFrom({ publish: [] })).toEqual([
      { deny: "any", do: ["publish", "retain", "subscribe", "receive"], topic: ["#"] },
      { deny: "any", do: ["sendTo", "receipt"], parent: "+", to: "+" },
    ]);
  });
});
