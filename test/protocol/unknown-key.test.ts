import { describe, expect, it } from "vitest";
import { nearestTo, unknownKey } from "../../src/protocol/unknown-key.js";

describe("the nearest key", () => {
  it.each([
    ["prot", "port"],
    ["hots", "host"],
    ["HOST", "host"],
    ["inflightmax", "inFlightMax"],
    ["webSockets", "webSocket"],
    ["constructor", undefined],
    ["", undefined],
    ["x".repeat(100_000), undefined],
  ])("to %.20s is %s", (word, nearest) => {
    expect(nearestTo(word, ["port", "host", "webSocket", "inFlightMax"])).toBe(nearest);
  });

  it("is the first of those that are equally near", () => {
    expect(nearestTo("ac", ["ab", "ad"])).toBe("ab");
    expect(nearestTo("ad", ["ab", "ad"])).toBe("ad");
  });

  it("stands in the complaint, with all that there are", () => {
    expect(unknownKey("prot", ["port"]).message).toBe(
      "unknown key prot: did you mean port? allowed: port",
    );
    expect(unknownKey("x".repeat(200), ["port"], "a.").message.length).toBeLessThan(120);
  });
});
