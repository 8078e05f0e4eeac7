import { describe, expect, it } from "vitest";
import { wire } from "../../../test/support/wire.js";
import { readUint32 } from "../src/message-stamp.js";

describe("the stamp of a payload", () => {
  it("is read big-endian and without a sign, at any offset", () => {
    expect(readUint32(wire`00 fffefdfc 01`, 1)).toBe(0xfffefdfc);
  });
});
