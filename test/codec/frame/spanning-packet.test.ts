import { describe, expect, it } from "vitest";
import { SpanningPacket } from "../../../src/codec/frame/spanning-packet.js";

function content(packet: SpanningPacket): Uint8Array {
  return packet.bytes.slice(packet.start, packet.start + packet.length);
}

describe("SpanningPacket", () => {
  it("puts pieces together, its size known from the first or not", () => {
    for (const declared of [0, 6]) {
      const packet = new SpanningPacket(declared, 2);
      packet.append(Uint8Array.of(9, 1, 2, 9), 1, 3);
      packet.declared = 6;
      packet.append(Uint8Array.of(3, 4, 5, 6), 0, 4);
      expect(packet.length).toBe(6);
      expect(content(packet)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
    }
  });

  it("grows from an unknown size to a large one without losing a byte", () => {
    const packet = new SpanningPacket(0, 0);
    const sent = new Uint8Array(10_000).map((_, index) => index * 7);
    packet.append(sent, 0, 3);
    packet.declared = sent.length;
    for (let at = 3; at < sent.length; at += 333) {
      packet.append(sent, at, Math.min(at + 333, sent.length));
    }
    expect(content(packet)).toEqual(sent);
  });

  it("[A06] [A08] reserves no declared length: 2 KiB, or twice what has come", () => {
    const packet = new SpanningPacket(268_435_460, 5);
    const piece = new Uint8Array(1000);
    for (let received = 1000; received <= 100_000; received += 1000) {
      packet.append(piece, 0, 1000);
      if (received > 2048) expect(packet.bytes.length).toBeLessThanOrEqual(2 * received);
    }
    expect(packet.length).toBe(100_000);
  });

  it("[A08] never reserves more than declared", () => {
    const packet = new SpanningPacket(5000, 3);
    packet.append(new Uint8Array(4000), 0, 4000);
    expect(packet.bytes.length).toBe(5000);
  });

  it("takes the place of a packet that gave it back, and of no other", () => {
    const first = new SpanningPacket(300, 3);
    first.append(new Uint8Array(300).fill(1), 0, 300);
    const second = new SpanningPacket(300, 3);
    second.append(new Uint8Array(300).fill(2), 0, 300);
    first.giveBack(); // too late: the second one came since
    second.giveBack();
    const third = new SpanningPacket(300, 3);
    third.append(new Uint8Array(300).fill(3), 0, 300);
    expect([third.bytes, third.start]).toEqual([second.bytes, second.start]);
    expect(content(first).every((byte) => byte === 1)).toBe(true);
  });

  it("never hands out the same bytes twice", () => {
    const packets = Array.from({ length: 100 }, (_, index) => {
      const packet = new SpanningPacket(500, 3);
      packet.append(new Uint8Array(500).fill(index), 0, 500);
      return packet;
    });
    packets.forEach((packet, index) => {
      expect(content(packet).every((byte) => byte === index)).toBe(true);
    });
  });
});
