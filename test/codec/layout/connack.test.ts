import { describe, expect, it } from "vitest";
import { type Connack, encode, PacketType, UsageError } from "../../../src/codec/index.js";
import { writeConnack } from "../../../src/codec/raw.js";
import { wire } from "../../support/wire.js";
import { readPacket, verdict } from "../reading.js";

describe("decodeConnack", () => {
  it("reads Session Present and the return code", () => {
    expect(readPacket(wire`20 02  01 00`)).toEqual({
      type: PacketType.CONNACK,
      sessionPresent: true,
      returnCode: 0,
    });
    expect(readPacket(wire`20 02  00 05`)).toEqual({
      type: PacketType.CONNACK,
      sessionPresent: false,
      returnCode: 5,
    });
  });

  it.each([
    ["a reserved acknowledge flag", wire`20 02  02 00`, "reserved-connack-flags @2"],
    ["return code 6", wire`20 02  00 06`, "reserved-connack-code @3"],
    ["return code 255", wire`20 02  00 ff`, "reserved-connack-code @3"],
    [
      "[MQTT-3.2.2-4] a refusal with a Session",
      wire`20 02  01 01`,
      "session-present-on-refusal @2",
    ],
    ["one byte", wire`20 01  00`, "truncated @3"],
    ["no byte", wire`20 00`, "truncated @2"],
    ["three bytes", wire`20 03  00 00 00`, "trailing-bytes @4"],
  ])("refuses %s", (_, bytes, expected) => {
    expect(verdict(bytes)).toBe(expected);
  });
});

describe("writing a CONNACK", () => {
  it("gives the same bytes from an object and from values", () => {
    for (const returnCode of [0, 1, 2, 3, 4, 5] as const) {
      const target = new Uint8Array(6);
      const sessionPresent = returnCode === 0;
      expect(writeConnack(target, 1, sessionPresent, returnCode)).toBe(5);
      const bytes = encode({ type: PacketType.CONNACK, sessionPresent, returnCode });
      expect(target.slice(1, 5)).toEqual(bytes);
      expect(bytes).toEqual(wire`20 02  ${sessionPresent ? 1 : 0} ${returnCode}`);
    }
  });

  it.each<[string, unknown, unknown, RegExp]>([
    ["return code 6", false, 6, /^returnCode must be an integer from 0 to 5, got 6$/],
    ["a negative return code", false, -1, /^returnCode must be an integer/],
    ["half a return code", false, 0.5, /^returnCode must be an integer/],
    ["Session Present 1", 1, 0, /^sessionPresent must be true or false, got 1$/],
    [
      "[MQTT-3.2.2-4] a refusal with a Session",
      true,
      3,
      /^sessionPresent must be false when .*, got true$/,
    ],
  ])("refuses %s", (_, sessionPresent, returnCode, message) => {
    const packet = { type: PacketType.CONNACK, sessionPresent, returnCode } as Connack;
    expect(() => encode(packet)).toThrow(UsageError);
    expect(() => encode(packet)).toThrow(message);
  });
});
