import { expect, it } from "vitest";
import { LOOKED_AT_MAX } from "../../src/viewing/page.js";

it("a page looks at more than it may hold, so that an ordinary walk is not cut", () => {
  expect(LOOKED_AT_MAX).toBeGreaterThan(1_000); // the most items that the library asks for
});
