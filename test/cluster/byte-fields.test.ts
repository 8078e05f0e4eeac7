import { describe, expect, it } from "vitest";
import {
  FieldReader,
  FieldWriter,
  ForeignError,
  MalformedError,
} from "../../src/cluster/byte-fields.js";

describe("fields in bytes", () => {
  it("are read as they were written, beyond the first bytes taken for them too", () => {
    const long = "ü".repeat(300);
    const writer = new FieldWriter(4).mark(0x42_4c_4f, 1).u8(255).u32(0xffff_ffff);
    writer.u64(Number.MAX_SAFE_INTEGER).text(long).raw(Uint8Array.of(1, 2));
    const reader = new FieldReader(writer.bytes);
    reader.mark(0x42_4c_4f, 1);
    expect([reader.u8(), reader.u32(), reader.u64(), reader.text(), [...reader.raw(2)]]).toEqual([
      255,
      0xffff_ffff,
      Number.MAX_SAFE_INTEGER,
      long,
      [1, 2],
    ]);
    expect(reader.isAtEnd).toBe(true);
  });

  it("[L03] nothing is read past the end, nor from what is not ours", () => {
    expect(() => new FieldReader(Uint8Array.of(1)).u32()).toThrow(MalformedError);
    expect(() => new FieldReader(Uint8Array.of(0, 0, 0, 9, 1)).text()).toThrow(MalformedError);
    expect(() => new FieldReader(Uint8Array.of(0, 0, 0, 1, 0xff)).text()).toThrow("UTF-8");
    expect(() => new FieldReader(Uint8Array.of(1, 2, 3)).mark(0x42_4c_4f, 1)).toThrow(ForeignError);
    const newer = new FieldWriter().mark(0x42_4c_4f, 2).bytes;
    expect(() => new FieldReader(newer).mark(0x42_4c_4f, 1)).toThrow("version 2");
  });
});
