import { describe, expect, it } from "vitest";
import { CANNOT_TELL, REFUSED } from "../../src/auth/credential.js";

describe("what credentials answer", () => {
  it("[M01] is one and the same for everything that is wrong, and another when nobody can tell", () => {
    expect(REFUSED).toEqual({ kind: "refused", returnCode: 4 });
    expect(CANNOT_TELL).toEqual({ kind: "refused", returnCode: 3 });
    expect(Object.isFrozen(REFUSED) && Object.isFrozen(CANNOT_TELL)).toBe(true);
  });
});
