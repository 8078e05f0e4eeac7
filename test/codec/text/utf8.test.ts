import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { UsageError, utf8Decode } from "../../../src/codec/index.js";
import { utf8Encode } from "../../../src/codec/raw.js";
import {
  codePointAt,
  codePointSize,
  plainDecode,
  utf8Length,
  utf8Write,
} from "../../../src/codec/text/utf8.js";

const anyString = fc.string({ unit: "binary", maxLength: 60 });

describe("utf8Encode and utf8Decode", () => {
  test("give back every string without lone surrogates", () => {
    fc.assert(
      fc.property(anyString, (text) => {
        const bytes = utf8Encode(text);
        expect(bytes).toEqual(new TextEncoder().encode(text));
        expect(utf8Decode(bytes, 0, bytes.length)).toBe(text);
      }),
    );
  });

  it("[MQTT-1.5.3-3] keep U+FEFF", () => {
    const bytes = utf8Encode("\ufeffa\ufeff");
    expect(bytes).toEqual(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xef, 0xbb, 0xbf));
    expect(utf8Decode(bytes, 0, bytes.length)).toBe("\ufeffa\ufeff");
  });

  it.each([0, 1, 12, 13, 64, 65, 100])("decode %i ASCII bytes from anywhere", (length) => {
    const text = "The quick brown fox / ".repeat(5).slice(0, length);
    const bytes = Uint8Array.from([0xff, 0xff, ...utf8Encode(text), 0xff]);
    expect(utf8Decode(bytes, 2, 2 + length)).toBe(text);
  });

  it.each(["\ud800", "a\udc00", "\ud800\ud800", "\udc00\ud800", "\udc00\udc00"])(
    "refuse the lone surrogate in %j",
    (text) => {
      expect(utf8Length(text)).toBe(-1);
      expect(() => utf8Encode(text)).toThrow(UsageError);
      expect(() => utf8Encode(text)).toThrow(/^text must hold no lone surrogate$/);
    },
  );

  it("[MQTT-1.5.3-1] repair nothing", () => {
    expect(() => utf8Decode(Uint8Array.of(0x61, 0xff), 0, 2)).toThrow(TypeError);
    expect(() => utf8Decode(Uint8Array.of(0xed, 0xa0, 0x80), 0, 3)).toThrow(TypeError);
  });
});

describe("plainDecode", () => {
  it("takes U+0020..U+007E, at every place, and no other byte", () => {
    for (let length = 1; length < 6; length++) {
      for (let at = 0; at < length; at++) {
        for (let byte = 0; byte < 256; byte++) {
          const bytes = new Uint8Array(length + 2).fill(0x61);
          bytes[1 + at] = byte;
          const text = String.fromCharCode(...bytes.subarray(1, 1 + length));
          const isPlain = byte >= 0x20 && byte <= 0x7e;
          expect(plainDecode(bytes, 1, 1 + length)).toBe(isPlain ? text : undefined);
        }
      }
    }
  });

  it.each([0, 1, 63, 64])("takes %i bytes", (length) => {
    expect(plainDecode(new Uint8Array(70).fill(0x7e), 3, 3 + length)).toBe("~".repeat(length));
  });

  it("leaves more than 64 bytes to others", () => {
    expect(plainDecode(new Uint8Array(70).fill(0x7e), 3, 68)).toBeUndefined();
  });
});

describe("utf8Length and utf8Write", () => {
  test("write what the platform's encoder writes", () => {
    fc.assert(
      fc.property(anyString, fc.nat(5), (text, at) => {
        const expected = new TextEncoder().encode(text);
        expect(utf8Length(text)).toBe(expected.length);
        const target = new Uint8Array(expected.length + 10).fill(0xee);
        expect(utf8Write(text, target, at)).toBe(at + expected.length);
        expect(target.slice(at, at + expected.length)).toEqual(expected);
        expect(target.slice(at + expected.length).every((byte) => byte === 0xee)).toBe(true);
      }),
    );
  });
});

describe("utf8Length", () => {
  it.each([
    [0x7f, 1],
    [0x80, 2],
    [0x7ff, 2],
    [0x800, 3],
    [0xffff, 3],
    [0x10000, 4],
  ])(
    "[MQTT-1.5.3-1] of the code point %i is %i, as the borders of UTF-8 have it",
    (point, size) => {
      expect(utf8Length(String.fromCodePoint(point))).toBe(size);
    },
  );
});

describe("codePointAt and codePointSize", () => {
  it("read back every code point there is", () => {
    const target = new Uint8Array(4);
    for (let point = 0; point <= 0x10ffff; point += point > 0xffff ? 97 : 1) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      const end = utf8Write(String.fromCodePoint(point), target, 0);
      if (codePointAt(target, 0, end) !== point || codePointSize(point) !== end) {
        expect.fail(`U+${point.toString(16)}`);
      }
    }
  });

  it("[C05] say -1 for a sequence that is cut off", () => {
    const bytes = new TextEncoder().encode("é€𐍈");
    expect(codePointAt(bytes, 0, 1)).toBe(-1);
    expect(codePointAt(bytes, 2, 4)).toBe(-1);
    expect(codePointAt(bytes, 5, 8)).toBe(-1);
  });
});
