import fc from "fast-check";
import { expect, it } from "vitest";
import { isValidBase64, payloadOf } from "../../src/admin/base64.js";

it("takes what Base64 makes, and gives the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const payloadBase64 = Buffer.from(bytes).toString("base64");
      expect(isValidBase64(payloadBase64)).toBe(true);
      expect(payloadOf({ payloadBase64 })).toEqual(bytes);
    }),
  );
});

it.each(["A", "AA", "AA=", "AAA", "A===", "AAAA=", "A-_A", "AA==AA==", " AAAA", "AAAA\n"])(
  "refuses %j",
  (text) => expect(isValidBase64(text)).toBe(false),
);

it("leaves text as it is", () => expect(payloadOf({ payload: "é" })).toBe("é"));
