import fc from "fast-check";
import { expect, it } from "vitest";
import { isValidBase64 } from "../../src/admin/base64.js";
import { payloadOf } from "../../src/admin/message-payload.js";

it("is the bytes that Base64 stands for", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const payloadBase64 = Buffer.from(bytes).toString("base64");
      expect(isValidBase64(payloadBase64)).toBe(true);
      expect(payloadOf({ payloadBase64 })).toEqual(bytes);
    }),
  );
});

it("is the text as it is", () => expect(payloadOf({ payload: "é" })).toBe("é"));
