import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { legible, quoted, shown, visible } from "../../src/log/escape.js";

describe("[C14] what a peer chose", () => {
  it.each([
    ["a line end", "a\r\nb", "a\\u{d}\\u{a}b"],
    ["a colour", "\u001b[31mred", "\\u{1b}[31mred"],
    ["a tab", "a\tb", "a\\u{9}b"],
    ["a control of eight bits", "a\u009bb", "a\\u{9b}b"],
    ["text that runs to the left", "a\u202eb", "a\\u{202e}b"],
    ["an invisible joint", "a\u200db", "a\\u{200d}b"],
    ["a separator of lines", "a\u2028b\u2029c", "a\\u{2028}b\\u{2029}c"],
    ["half a character", "a\ud800b", "a\\u{d800}b"],
    ["letters of any language", "Wärme/温度/🌡", "Wärme/温度/🌡"],
  ])("is made visible: %s", (_what, text, expected) => {
    expect([shown(text), visible(text)]).toEqual([expected, expected]);
  });

  it("is cut at 128 characters, whole ones", () => {
    expect(shown("x".repeat(128))).toBe("x".repeat(128));
    expect(shown("x".repeat(129))).toBe(`${"x".repeat(128)}…`);
    expect(shown(`${"x".repeat(127)}🌡🌡`)).toBe(`${"x".repeat(127)}…`);
    expect(shown(`${"x".repeat(126)}🌡🌡`)).toBe(`${"x".repeat(126)}🌡…`);
  });

  it("cannot end the quotes around it", () => {
    expect(quoted('a" at 10.0.0.1: "')).toBe('"a\\" at 10.0.0.1: \\""');
    expect(quoted("a\\")).toBe('"a\\\\"');
    expect(quoted("a\tb")).toBe('"a\\u{9}b"');
    expect(quoted("x".repeat(200))).toBe(`"${"x".repeat(128)}…"`);
  });

  test("nothing of it is a control, and it stays short, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        expect(quoted(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(quoted(text).length).toBeLessThan(129 * 10 + 3);
      }),
    );
  });
});

it("makes out bytes that should be UTF-8, ill-formed or cut", () => {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
  expect(legible(Uint8Array.of(0x61, 0xff, 0x62))).toBe("a\ufffdb");
  expect(legible(utf8("\ufeffa"))).toBe("\ufeffa");
  expect(legible(utf8("aé").subarray(0, 2))).toBe("a");
  expect(shown(legible(utf8("🌡".repeat(9_000))))).toBe(`${"🌡".repeat(64)}…`);
});
