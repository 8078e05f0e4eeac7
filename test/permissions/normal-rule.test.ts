import { expect, it } from "vitest";
import { ADDRESS_BITS, VERBS, VerbBit } from "../../src/permissions/normal-rule.js";

it("each verb is a bit of its own", () => {
  expect(VERBS).toEqual(["publish", "retain", "subscribe", "receive", "sendTo", "receipt"]);
  expect(VERBS.reduce((bits, verb) => bits + VerbBit[verb], 0)).toBe(2 ** VERBS.length - 1);
  expect(ADDRESS_BITS).toBe(VerbBit.sendTo + VerbBit.receipt);
});
