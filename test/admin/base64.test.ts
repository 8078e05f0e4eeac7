import { expect, it } from "vitest";
import { isValidBase64 } from "../../src/admin/base64.js";

it.each(["A", "AA", "AA=", "AAA", "A===", "AAAA=", "A-_A", "AA==AA==", " AAAA", "AAAA\n"])(
  "refuses %j",
  (text) => expect(isValidBase64(text)).toBe(false),
);
