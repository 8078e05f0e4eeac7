import { describe, expect, it } from "vitest";
import { DROP_REASONS } from "../../src/ports/reasons.js";

describe("reasons to drop a message", () => {
  it("[M17] have a name of their own each, in lower case and words", () => {
    expect(new Set(DROP_REASONS).size).toBe(DROP_REASONS.length);
    for (const reason of DROP_REASONS)
      expect(reason).toMatch(
        /^[a-z0-9]+(-[a-z0-9]+)+$|^(expired|unknown|offline|denied|revoked|cleared)$/,
      );
  });
});
