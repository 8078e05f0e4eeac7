import { describe, expect, it } from "vitest";
import { checkTopicName } from "../../src/codec/text/text-check.js";
import {
  binaryLength,
  byteLength,
  isText,
  PacketWriter,
  textLength,
} from "../../src/compat/packet-writer.js";
import { hex } from "../support/wire.js";

describe("PacketWriter", () => {
  it("writes a packet field by field", () => {
    const writer = new PacketWriter(0x82, 12);
    writer.word(0xabcd);
    writer.text("é", "never");
    writer.binary(Uint8Array.of(1, 2));
    writer.rest("z");
    writer.byte(7);
    expect(hex(writer.bytes)).toBe("82 0c ab cd 00 02 c3 a9 00 02 01 02 7a 07");
  });

  it.each([
    [127, 2],
    [128, 3],
    [16_383, 3],
    [16_384, 4],
    [2_097_152, 5],
    [268_435_455, 5],
  ])("writes a Remaining Length of %i in its shortest form", (length, headerBytes) => {
    expect(new PacketWriter(0x30, length, 0).bytes).toHaveLength(headerBytes);
  });

  it("refuses a Remaining Length that has no form", () => {
    expect(() => new PacketWriter(0x30, 268_435_456, 0)).toThrow(
      "Invalid variable byte integer: 268435456",
    );
  });

  it.each(["a\0b", "\ud800", "x".repeat(65_536)])("%# complains about no text", (text) => {
    expect(() => new PacketWriter(0x30, 70_000).text(text, "no text")).toThrow("no text");
  });

  it("complains about bytes that are no text, and about what the check asks for", () => {
    const writer = new PacketWriter(0x30, 100);
    expect(() => writer.text(Uint8Array.of(0xff), "no text")).toThrow("no text");
    expect(() => writer.text("a/#", "no name", checkTopicName)).toThrow("no name");
  });
});

describe("lengths", () => {
  it("count bytes and the two of the length", () => {
    expect(textLength("é", "")).toBe(4);
    expect(textLength(Uint8Array.of(1), "")).toBe(3);
    expect(binaryLength("é", "")).toBe(4);
    expect(byteLength("é")).toBe(2);
    expect(byteLength(Uint8Array.of(1, 2))).toBe(2);
  });

  it("complain about what two bytes cannot say", () => {
    expect(textLength("x".repeat(65_535), "")).toBe(65_537);
    expect(() => textLength("x".repeat(65_536), "too long")).toThrow("too long");
    expect(() => binaryLength(new Uint8Array(65_536), "too long")).toThrow("too long");
  });
});

describe("isText", () => {
  it("takes strings and bytes", () => {
    expect(["", "a", Buffer.of(1), new Uint8Array(1)].every(isText)).toBe(true);
    expect([undefined, null, 1, {}, ["a"]].some(isText)).toBe(false);
  });
});
