import { expect, it } from "vitest";
import { newTally } from "../src/counts.js";

it("counting begins with nothing, for each bridge anew", () => {
  const tally = newTally();
  expect(Object.values(tally).every((count) => count === 0)).toBe(true);
  tally.sent += 1;
  expect(newTally().sent).toBe(0);
});
