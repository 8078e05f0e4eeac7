import { expect, it } from "vitest";
import { StoreError } from "../../src/store/store-error.js";

it("says whether moving the store aside would help", () => {
  expect(new StoreError("in use").kind).toBe("refused");
  expect(new StoreError("cut short", "damaged")).toMatchObject({
    kind: "damaged",
    name: "StoreError",
    message: "cut short",
  });
});
