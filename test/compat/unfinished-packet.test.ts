import { describe, expect, it } from "vitest";
import { UnfinishedPacket } from "../../src/compat/unfinished-packet.js";

describe("UnfinishedPacket", () => {
  it("puts the parts together", () => {
    const packet = new UnfinishedPacket();
    packet.append(Buffer.from("xabcx"), 1, 4);
    packet.append(Buffer.from("de"), 0, 2);
    expect(packet.length).toBe(5);
    expect(String(packet.bytes)).toBe("abcde");
  });

  it("hands out what it has and does not write to it again", () => {
    const packet = new UnfinishedPacket();
    packet.append(Buffer.from("abc"), 0, 3);
    const taken = packet.take();
    packet.append(Buffer.from("xyz"), 0, 3);
    expect(String(taken)).toBe("abc");
    expect(String(packet.bytes)).toBe("xyz");
  });

  it("holds at most twice what came, or a slice of Node's pool, while it grows", () => {
    const packet = new UnfinishedPacket();
    const part = Buffer.alloc(1000, 7);
    for (let count = 1; count <= 200; count++) {
      packet.append(part, 0, part.length);
      expect(packet.bytes.buffer.byteLength).toBeLessThanOrEqual(Math.max(8192, 2000 * count));
    }
    expect(packet.bytes.every((byte) => byte === 7)).toBe(true);
  });
});
