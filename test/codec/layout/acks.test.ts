import { describe, expect, it } from "vitest";
import { encode, type Packet, PacketType, UsageError } from "../../../src/codec/index.js";
import {
  PUBACK_BYTE,
  PUBCOMP_BYTE,
  PUBREC_BYTE,
  PUBREL_BYTE,
  UNSUBACK_BYTE,
  writeAck,
} from "../../../src/codec/raw.js";
import { wire } from "../../support/wire.js";
import { framed, readPacket, verdict } from "../reading.js";

const acks = [
  ["PUBACK", PacketType.PUBACK, PUBACK_BYTE, 0x40],
  ["PUBREC", PacketType.PUBREC, PUBREC_BYTE, 0x50],
  ["PUBREL", PacketType.PUBREL, PUBREL_BYTE, 0x62],
  ["PUBCOMP", PacketType.PUBCOMP, PUBCOMP_BYTE, 0x70],
  ["UNSUBACK", PacketType.UNSUBACK, UNSUBACK_BYTE, 0xb0],
] as const;

describe.each(acks)("%s", (_, type, constant, firstByte) => {
  it("[MQTT-2.2.2-1] [MQTT-2.3.1-6] is written and read with its flags and identifier", () => {
    expect(constant).toBe(firstByte);
    for (const packetId of [1, 255, 256, 65_535]) {
      const bytes = wire`${firstByte} 02  ${packetId >> 8}${packetId & 0xff}`;
      expect(encode({ type, packetId })).toEqual(bytes);
      expect(readPacket(bytes)).toEqual({ type, packetId });
      const target = new Uint8Array(6);
      expect(writeAck(target, 1, constant, packetId)).toBe(5);
      expect(target).toEqual(wire`00 ${firstByte} 02 ${packetId >> 8}${packetId & 0xff} 00`);
    }
  });

  it("[MQTT-2.2.2-2] [MQTT-3.6.1-1] [A17] [A18] is refused with any other flags", () => {
    for (let flags = 0; flags < 16; flags++) {
      const other = (firstByte & 0xf0) | flags;
      const expected = other === firstByte ? "reads" : "reserved-flags @0";
      expect(verdict(wire`${other} 02  0001`)).toBe(expected);
    }
  });

  it("[A19] is refused with any other length", () => {
    expect(verdict(framed(firstByte, wire`0001 00`))).toBe("trailing-bytes @4");
    expect(verdict(framed(firstByte, wire`00`))).toBe("truncated @2");
    expect(verdict(framed(firstByte, wire``))).toBe("truncated @2");
  });

  it("[MQTT-2.3.1-1] is refused with identifier 0", () => {
    expect(verdict(framed(firstByte, wire`0000`))).toBe("zero-packet-id @2");
  });

  it.each([0, -1, 65_536, 1.5, Number.NaN, "1", undefined])(
    "is not written with %s",
    (packetId) => {
      const packet = { type, packetId } as Packet;
      expect(() => encode(packet)).toThrow(UsageError);
      expect(() => encode(packet)).toThrow(/^packetId must be an integer from 1 to 65535, got/);
    },
  );
});
