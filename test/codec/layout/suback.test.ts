import { describe, expect, it } from "vitest";
import {
  encode,
  encodeInto,
  PacketType,
  type Suback,
  UsageError,
} from "../../../src/codec/index.js";
import { wire } from "../../support/wire.js";
import { readPacket, verdict } from "../reading.js";

describe("decodeSuback", () => {
  it("[MQTT-3.9.3-2] reads the four return codes there are", () => {
    expect(readPacket(wire`90 06  1234  00 01 02 80`)).toEqual({
      type: PacketType.SUBACK,
      packetId: 0x1234,
      returnCodes: [0, 1, 2, 0x80],
    });
  });

  it("[MQTT-3.9.3-2] refuses all others", () => {
    for (let code = 3; code < 256; code++) {
      const expected = code === 0x80 ? "reads" : "reserved-suback-code @5";
      expect(verdict(wire`90 04  1234  00 ${code}`)).toBe(expected);
    }
  });

  it.each([
    ["[MQTT-2.3.1-1] identifier 0", wire`90 03  0000 00`, "zero-packet-id @2"],
    ["no return code", wire`90 02  0001`, "no-return-code @4"],
    ["half an identifier", wire`90 01  00`, "truncated @2"],
  ])("refuses %s", (_, bytes, expected) => {
    expect(verdict(bytes)).toBe(expected);
  });
});

describe("writeSuback", () => {
  const plain: Suback = { type: PacketType.SUBACK, packetId: 1, returnCodes: [0, 0x80] };

  it("[MQTT-2.3.1-6] echoes the identifier", () => {
    for (const packetId of [1, 255, 256, 65_535]) {
      const bytes = encode({ ...plain, packetId });
      expect(bytes).toEqual(wire`90 04  ${packetId >> 8}${packetId & 0xff}  00 80`);
    }
  });

  it.each<[string, unknown, RegExp]>([
    ["code 3", { ...plain, returnCodes: [0, 3] }, /^returnCodes must be 0, 1, 2 or 128 .* got 3$/],
    ["no code", { ...plain, returnCodes: [] }, /^returnCodes must be an array, and not empty/],
    ["no list", { ...plain, returnCodes: 0 }, /^returnCodes must be an array/],
    ["identifier 0", { ...plain, packetId: 0 }, /^packetId/],
  ])("[MQTT-3.9.3-2] refuses %s", (_, packet, message) => {
    for (const write of [encode, (it: Suback) => encodeInto(it, new Uint8Array(9), 0)]) {
      expect(() => write(packet as Suback)).toThrow(UsageError);
      expect(() => write(packet as Suback)).toThrow(message);
    }
  });
});
