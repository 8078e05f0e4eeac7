import { expect, it } from "vitest";
import { cursorOf, placeOf } from "../../src/admin/cursor.js";
import { PAGE } from "../../src/admin/schemas.js";

it.each(["", "a", "a/b?&=%", "5:lampe\u00e9\u{1f4a1}/+/#"])(
  "%j is itself again, by way of a URL",
  (place) => {
    const cursor = cursorOf(place);
    expect(new URLSearchParams(`cursor=${cursor}`).get("cursor")).toBe(cursor);
    expect(placeOf(PAGE.cursor.parse(cursor) ?? "-")).toBe(place);
  },
);

it("names a client and a topic filter as long as they can be, and no more", () => {
  const longest = cursorOf(`65535:${"a".repeat(2 * 65_535)}`);
  expect(PAGE.cursor.safeParse(longest).success).toBe(true);
  expect(PAGE.cursor.safeParse(`${longest}aaaaaa`).success).toBe(false);
  expect(PAGE.cursor.safeParse("a b").success).toBe(false);
});
