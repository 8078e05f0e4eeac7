import { describe, expect, it } from "vitest";
import { accountIn } from "../../src/auth/account-name.js";

describe("a user name of three parts", () => {
  it("names an account and an instance", () => {
    expect(accountIn("Signature|AK|mqtt-xxxxx", "Signature")).toEqual({
      accessKey: "AK",
      instanceId: "mqtt-xxxxx",
    });
  });

  it.each([undefined, "", "anna", "signature|a|b", "Token|a|b", "Signature"])(
    "is of another kind as %j",
    (name) => {
      expect(accountIn(name, "Signature")).toBeUndefined();
    },
  );

  it.each(["Signature|", "Signature|a", "Signature||b", "Signature|a|", "Signature|a|b|c"])(
    "is none as %j",
    (name) => {
      expect(accountIn(name, "Signature")).toBe("malformed");
    },
  );
});
