import { describe, expect, it } from "vitest";
import { REFUSED } from "../../src/auth/credential.js";
import { verdictIn } from "../../src/auth/http-answer.js";

describe("an answer about a Client", () => {
  it("allows, denies or ignores", () => {
    expect(verdictIn({ result: "allow" }, REFUSED)).toEqual({ kind: "accepted" });
    expect(verdictIn({ result: "deny" }, REFUSED)).toBe(REFUSED);
    expect(verdictIn({ result: "ignore" }, REFUSED)).toBeUndefined();
  });

  it("may give a name, an end, a window and grants", () => {
    const more = { username: "anna", expiresAtMs: 1_800_000_000_000, inFlightMax: 7 };
    expect(verdictIn({ result: "allow", ...more, publish: ["a/#"] }, REFUSED)).toMatchObject({
      kind: "accepted",
      ...more,
      rules: [{ allow: "any", topic: ["a/#"] }, { deny: "any" }, { deny: "any" }],
    });
  });

  it.each([
    [null, /no object/],
    [["allow"], /no object/],
    ["allow", /no object/],
    [{}, /the result .* is none of allow, deny and ignore/],
    [{ result: true }, /is none of allow/],
    [{ result: "allow", publsh: ["a"] }, /unknown key publsh: did you mean publish\?/],
    [{ result: "allow", superuser: true }, /unknown key superuser/],
    [{ result: "allow", publish: "#" }, /publish, subscribe or sendTo in the answer/],
    [{ result: "allow", username: "a\0" }, /username in the answer/],
    [{ result: "allow", expiresAtMs: "never" }, /expiresAtMs in the answer/],
    [{ result: "allow", inFlightMax: 0 }, /inFlightMax in the answer/],
  ])("[B18] is none as %j", (answer, words) => {
    expect(() => verdictIn(answer, REFUSED)).toThrow(words);
  });
});
