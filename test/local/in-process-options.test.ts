import { describe, expect, it } from "vitest";
import { isFilters, isRequests, OPTIONS } from "../../src/local/in-process-options.js";
import { UsageError } from "../../src/protocol/errors.js";

describe("what an in-process Client is asked", () => {
  it("names the request and the key that is wrong", () => {
    isRequests([{ topicFilter: "t", requestedQos: 1 }], "topicFilters");
    const wrong = [{ topicFilter: "t", requestedQos: 3 }];
    expect(() => isRequests(wrong, "topicFilters")).toThrow(
      "topicFilters[0].requestedQos is 3; allowed: 0, 1 or 2",
    );
    expect(() => isFilters(["t", 1], "topicFilters")).toThrow(
      "topicFilters[1] is 1; allowed: a st",
    );
  });

  it("never shows a password, not even a wrong one", () => {
    OPTIONS.password(Uint8Array.of(1), "password");
    expect(() => OPTIONS.password(4711, "password")).toThrow(UsageError);
    expect(() => OPTIONS.password(4711, "password")).not.toThrow(/4711/);
  });
});
