import { describe, expect, it } from "vitest";
import { FailureLimit } from "../../src/admin/failure-limit.js";

describe("a limit of failures", () => {
  it("is reached by ten of one address in a minute, and by nobody else", () => {
    let nowMs = 0;
    const limit = new FailureLimit(() => nowMs);
    for (let count = 0; count < 9; count += 1) limit.note("a");
    expect(limit.isReached("a")).toBe(false);
    limit.note("a");
    expect(limit.isReached("a")).toBe(true);
    expect(limit.isReached("b")).toBe(false);
    nowMs = 59_999;
    expect(limit.isReached("a")).toBe(true);
    nowMs = 60_000;
    expect(limit.isReached("a")).toBe(false);
    limit.note("a");
    expect(limit.isReached("a")).toBe(false);
  });

  it("forgets the address that began first when there are more than a thousand", () => {
    const limit = new FailureLimit(() => 0);
    for (let count = 0; count < 10; count += 1) limit.note("first");
    for (let at = 1; at < 1_000; at += 1) limit.note(`address ${at}`);
    expect(limit.isReached("first")).toBe(true);
    limit.note("one more");
    expect(limit.isReached("first")).toBe(false);
  });
});
