import { describe, expect, it } from "vitest";
import { isFitUsername } from "../../src/auth/username.js";

describe("a user name from somewhere else than CONNECT", () => {
  it.each([
    "a",
    "device 7",
    "*.example.com",
    "a/b",
    "+",
    "#",
    "%s",
    "$" + "{clientId}",
    "ü",
    "😀",
    "__proto__",
  ])("[H14] may be %j, exactly", (name) => {
    expect(isFitUsername(name)).toBe(true);
  });

  it.each([
    "",
    "admin\0.example",
    "a\nb",
    "\x7f",
    "\ud800",
    "a\udfff",
    "x".repeat(65_536),
    7,
    null,
    undefined,
    ["a"],
  ])("[H14] may not be %j", (name) => {
    expect(isFitUsername(name)).toBe(false);
  });
});
