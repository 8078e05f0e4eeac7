import { expect, it } from "vitest";
import { ATTACKS } from "../../src/attack/attacks.js";

it("has the nine attacks, in their order", () => {
  expect(ATTACKS.map(({ name }) => name).join(" ")).toBe("T1 T2 T3 T4 T5 T6 T7 T8 T9");
});
