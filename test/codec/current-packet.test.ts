import { describe, expect, it } from "vitest";
import {
  type CurrentPacket,
  finishAt,
  packetIdAt,
  refuse,
} from "../../src/codec/current-packet.js";
import { wire } from "../support/wire.js";

/** A packet that fills `bytes` from 3 on, its fixed header two bytes long. */
function packetIn(bytes: Uint8Array): CurrentPacket {
  return {
    bytes,
    flags: 0,
    start: 3,
    bodyAt: 5,
    end: bytes.length,
    packetId: 0,
    dup: false,
    qos: 0,
    retain: false,
    topicAt: 0,
    topicEnd: 0,
    topicHash: 0,
    payloadAt: 0,
  };
}

describe("the current packet", () => {
  it("has a big-endian identifier", () => {
    expect(packetIdAt(packetIn(wire`ffffff 40 02 0102`), 5)).toBe(0x0102);
    expect(packetIdAt(packetIn(wire`ffffff 40 02 ffff`), 5)).toBe(0xffff);
  });

  it.each([
    ["[MQTT-2.3.1-1] zero-packet-id", wire`ffffff 40 02 0000`, "zero-packet-id"],
    ["truncated", wire`ffffff 40 01 00`, "truncated"],
  ])("is refused with the offset from its first byte: %s", (_, bytes, code) => {
    expect(() => packetIdAt(packetIn(bytes), 5)).toThrow(expect.objectContaining({ code, at: 2 }));
  });

  it("ends where it says", () => {
    expect(() => finishAt(packetIn(wire`ffffff 40 02 0001`), 7)).not.toThrow();
    expect(() => finishAt(packetIn(wire`ffffff 40 03 0001 00`), 7)).toThrow(
      expect.objectContaining({ code: "trailing-bytes", at: 4 }),
    );
  });

  it("is refused for the byte to blame", () => {
    expect(() => refuse("qos-3", 3, 10)).toThrow(expect.objectContaining({ code: "qos-3", at: 7 }));
  });
});
