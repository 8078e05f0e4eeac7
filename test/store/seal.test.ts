import fc from "fast-check";
import { expect, it } from "vitest";
import {
  CHECKSUM_BYTES,
  DamagedRecordError,
  seal,
  sealedCopy,
  sealedEnd,
} from "../../src/store/seal.js";

it("[J06] what was sealed under a key is whole under that key alone", () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 600 });
  fc.assert(
    fc.property(bytes, bytes, bytes, (key, other, content) => {
      const record = seal(key, Buffer.concat([content, Buffer.alloc(CHECKSUM_BYTES)]));
      expect(sealedEnd(key, record, 1, "it")).toBe(content.length);
      expect([...sealedCopy(key, record, 1, "it")]).toEqual([...content]);
      if (Buffer.compare(key, other) === 0) return;
      expect(() => sealedEnd(other, record, 1, "it")).toThrow(DamagedRecordError);
    }),
  );
  expect(() => sealedEnd(Uint8Array.of(1), Buffer.alloc(3), 0, "it")).toThrow("only 3 bytes");
});
