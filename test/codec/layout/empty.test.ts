import { describe, expect, it } from "vitest";
import { encode, PacketType } from "../../../src/codec/index.js";
import {
  DISCONNECT_BYTE,
  PINGREQ_BYTE,
  PINGRESP_BYTE,
  writeEmpty,
} from "../../../src/codec/raw.js";
import { wire } from "../../support/wire.js";
import { readPacket, readPackets, verdict } from "../reading.js";

describe.each([
  ["PINGREQ", PacketType.PINGREQ, PINGREQ_BYTE, 0xc0],
  ["PINGRESP", PacketType.PINGRESP, PINGRESP_BYTE, 0xd0],
  ["DISCONNECT", PacketType.DISCONNECT, DISCONNECT_BYTE, 0xe0],
] as const)("%s", (_, type, constant, firstByte) => {
  it("[MQTT-2.2.2-1] is written and read as two bytes", () => {
    expect(constant).toBe(firstByte);
    expect(encode({ type })).toEqual(wire`${firstByte} 00`);
    expect(readPacket(wire`${firstByte} 00`)).toEqual({ type });
    const target = Uint8Array.of(1, 1, 1, 1);
    expect(writeEmpty(target, 1, constant)).toBe(3);
    expect(target).toEqual(wire`01 ${firstByte} 00 01`);
  });

  it("[MQTT-2.2.2-2] [A15] [A16] is refused with any flag set", () => {
    for (let flags = 1; flags < 16; flags++) {
      expect(verdict(Uint8Array.of(firstByte | flags))).toBe("reserved-flags @0");
    }
  });

  it("[A15] [A16] is refused with a body", () => {
    expect(verdict(wire`${firstByte} 01 00`)).toBe("trailing-bytes @2");
  });

  it("[M10] [A05] is read with a padded length", () => {
    expect(readPackets(wire`${firstByte} 80 00  ${firstByte} 80 80 80 00`)).toEqual([
      { type },
      { type },
    ]);
  });
});

it("[A13] reads a million PINGREQ in one chunk", () => {
  const chunk = new Uint8Array(2_000_000);
  for (let at = 0; at < chunk.length; at += 2) chunk[at] = PINGREQ_BYTE;
  expect(readPackets(chunk).length).toBe(1_000_000);
});
