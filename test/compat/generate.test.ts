import { describe, expect, it } from "vitest";
import { generate } from "../../src/compat/generate.js";
import type { Packet } from "../../src/compat/packet-types.js";

describe("generate", () => {
  it("returns one Buffer, however large the payload", () => {
    for (const size of [0, 1, 2048, 2049, 70_000]) {
      const payload = Buffer.alloc(size, 7);
      const packet: Packet = {
        cmd: "publish",
        topic: "a",
        payload,
        qos: 0,
        dup: false,
        retain: false,
      };
      const bytes = generate(packet);
      expect(bytes).toBeInstanceOf(Buffer);
      expect(bytes.subarray(-size || bytes.length).equals(payload)).toBe(true);
    }
  });

  it("throws what is wrong", () => {
    expect(() => generate({ cmd: "puback", messageId: 0 })).toThrow("Invalid messageId");
    expect(() => generate({} as Packet)).toThrow("Unknown command");
    expect(() => generate(undefined as never)).toThrow(TypeError);
  });
});
