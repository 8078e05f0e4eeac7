import { describe, expect, it } from "vitest";
import { finishAt, packetIdAt, refuse } from "../../../src/codec/frame/current-packet.js";
import { wire } from "../../support/wire.js";
import { packetIn } from "../reading.js";

/** A packet that fills `bytes` from 3 on, its fixed header two bytes long. */
const packetAt3 = (bytes: Uint8Array) => packetIn(bytes, 3, 5, bytes.length);

describe("the current packet", () => {
  it("has a big-endian identifier", () => {
    expect(packetIdAt(packetAt3(wire`ffffff 40 02 0102`), 5)).toBe(0x0102);
    expect(packetIdAt(packetAt3(wire`ffffff 40 02 ffff`), 5)).toBe(0xffff);
  });

  it.each([
    ["[MQTT-2.3.1-1] zero-packet-id", wire`ffffff 40 02 0000`, "zero-packet-id"],
    ["truncated", wire`ffffff 40 01 00`, "truncated"],
  ])("is refused with the offset from its first byte: %s", (_, bytes, code) => {
    expect(() => packetIdAt(packetAt3(bytes), 5)).toThrow(expect.objectContaining({ code, at: 2 }));
  });

  it("ends where it says", () => {
    expect(() => finishAt(packetAt3(wire`ffffff 40 02 0001`), 7)).not.toThrow();
    expect(() => finishAt(packetAt3(wire`ffffff 40 03 0001 00`), 7)).toThrow(
      expect.objectContaining({ code: "trailing-bytes", at: 4 }),
    );
  });

  it("is refused for the byte to blame", () => {
    expect(() => refuse("qos-3", 3, 10)).toThrow(expect.objectContaining({ code: "qos-3", at: 7 }));
  });
});
