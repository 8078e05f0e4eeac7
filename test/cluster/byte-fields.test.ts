import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FieldReader,
  FieldWriter,
  ForeignError,
  MalformedError,
} from "../../src/cluster/byte-fields.js";

const field = fc.oneof(
  fc.record({ kind: fc.constant("u8" as const), value: fc.nat(255) }),
  fc.record({ kind: fc.constant("u32" as const), value: fc.nat(2 ** 32 - 1) }),
  fc.record({ kind: fc.constant("u64" as const), value: fc.nat(2 ** 53 - 1) }),
  fc.record({ kind: fc.constant("text" as const), value: fc.string({ unit: "grapheme" }) }),
);

describe("fields one after the other", () => {
  it("are read as they were written, however often the bytes had to grow", () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 50 }), fc.nat(20), (fields, byteCount) => {
        const writer = new FieldWriter(byteCount);
        for (const { kind, value } of fields) writer[kind](value as never);
        const reader = new FieldReader(writer.bytes);
        expect(fields.map(({ kind }) => reader[kind]())).toEqual(fields.map(({ value }) => value));
        expect(reader.isAtEnd).toBe(true);
      }),
    );
  });

  it.each(["u8", "u32", "u64"] as const)("may end anywhere: %s at each place", (kind) => {
    for (let before = 0; before < 20; before += 1) {
      const writer = new FieldWriter(16).raw(new Uint8Array(before));
      writer[kind](7);
      const reader = new FieldReader(writer.bytes);
      reader.raw(before);
      expect(reader[kind]()).toBe(7);
    }
  });

  it("cannot be read past their end", () => {
    const { bytes } = new FieldWriter().u8(1).text("abc");
    for (let length = 0; length < bytes.length; length += 1) {
      const reader = new FieldReader(bytes.subarray(0, length));
      expect(() => {
        reader.u8();
        reader.text();
      }).toThrow(MalformedError);
    }
  });

  it("tell what is not ours from another version", () => {
    const { bytes } = new FieldWriter().mark(0x42_4c_4f, 2);
    expect(() => new FieldReader(bytes).mark(0x42_4c_4f, 2)).not.toThrow();
    expect(() => new FieldReader(bytes).mark(0x42_4c_4f, 1)).toThrow(MalformedError);
    expect(() => new FieldReader(bytes).mark(0x42_4c_43, 2)).toThrow(ForeignError);
    expect(() => new FieldReader(new Uint8Array(3)).mark(0x42_4c_4f, 2)).toThrow(ForeignError);
  });
});
