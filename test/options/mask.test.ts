import { describe, expect, it } from "vitest";
import { isMasked, MASK, withoutKeys } from "../../src/options/mask.js";
import { text } from "../../src/options/row.js";

const row = (more: object) =>
  text({
    default: undefined,
    holds: "x",
    allowed: "x",
    isAllowed: () => true,
    about: "x",
    ...more,
  });
const url = row({ isUrl: true });

describe("[M03] a URL is shown without what may be a key in it", () => {
  it.each([
    ["https://a.example/x", "https://a.example/x"],
    ["https://a.example/x?key=k", "https://a.example/x?(secret)"],
    ["https://u:p@a.example/x", "https://(secret)@a.example/x"],
    ["https://u:p@a.example?key=k#more", "https://(secret)@a.example?(secret)"],
    ["https://a.example/#k", "https://a.example/?(secret)"],
    ["https://a.example/x@y", "https://a.example/x@y"],
    ["no url?key=k\nand more", "no url?(secret)"],
  ])("%j", (whole, shown) => {
    expect(withoutKeys(url, whole)).toBe(shown);
  });

  it("other values are shown as they are", () => {
    expect(withoutKeys(row({}), "a?b")).toBe("a?b");
    expect(withoutKeys(url, 5)).toBe(5);
  });
});

it("what was shown is not what it stands for", () => {
  expect(isMasked(url, "https://a.example/?(secret)")).toBe(true);
  expect(isMasked(url, "https://a.example/?k")).toBe(false);
  expect(isMasked(url, 5)).toBe(false);
  expect(isMasked(row({}), MASK)).toBe(false);
  expect([isMasked(row({ secret: true }), MASK), isMasked(row({ secret: true }), "x")]).toEqual([
    true,
    false,
  ]);
});
