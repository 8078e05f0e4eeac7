import { describe, expect, it } from "vitest";
import { readUint32 } from "../../src/bench/message-stamp.js";
import { wire } from "../support/wire.js";

describe("the stamp of a payload", () => {
  it("is read big-endian and without a sign, at any offset", () => {
    expect(readUint32(wire`00 fffefdfc 01`, 1)).toBe(0xfffefdfc);
  });
});
