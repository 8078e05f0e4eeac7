import { describe, expect, it } from "vitest";
import { PacketReader } from "../../src/codec/index.js";
import { oversizedAt } from "../../src/codec/oversized-connect.js";
import { wire } from "../support/wire.js";

/** Of a CONNECT with a Remaining Length of 2,000 in a fixed header of 3 bytes; 1,000 are allowed. */
function verdict(body: Uint8Array, size = 2_003): number {
  const bytes = Uint8Array.of(0xee, 0x10, 0xd0, 0x0f, ...body); // it does not begin at 0
  return oversizedAt(bytes, 1, bytes.length, 4, size, 1_000);
}

const mqtt = wire`0004 ${"MQTT"} 04 02 003c`;
const mqisdp = wire`0006 ${"MQIsdp"} 03 02 003c`;

describe("what makes a CONNECT too large", () => {
  it.each([
    ["0x03d9 bytes at level 4: as much as there may be", wire`${mqtt} 03d9`, 1],
    ["one more", wire`${mqtt} 03da`, 13],
    ["one more, from a bridge", wire`0004 ${"MQTT"} 84 02 003c 03da`, 13],
    ["0x03d7 bytes at level 3: as much as there may be", wire`${mqisdp} 03d7`, 1],
    ["one more at level 3", wire`${mqisdp} 03d8`, 15],
    ["as much as the packet has", wire`${mqtt} 07c4`, 13],
    ["more than the packet has", wire`${mqtt} 07c5`, 1],
  ])("[M19] an identifier of %s", (_, body, at) => {
    expect(verdict(body)).toBe(at);
  });

  it.each([
    ["another name", wire`0004 ${"MQTX"}`],
    ["a name with the bit of a bridge", wire`0004 cd515454 04 02 003c 03da`],
    ["a name of another length", wire`0005`],
    ["another level", wire`0004 ${"MQTT"} 05`],
    ["the level of the other name", wire`0006 ${"MQIsdp"} 04`],
  ])("[M19] %s tells nothing about an identifier, at once", (_, body) => {
    expect(verdict(body)).toBe(1);
  });

  it("[M19] a size that no CONNECT has needs no look", () => {
    expect(verdict(wire`${""}`, 327_702)).toBe(0);
    expect(verdict(wire`${""}`, 327_703)).toBe(1);
  });

  it("[M19] waits for the bytes up to the identifier's length, and no further", () => {
    for (const whole of [wire`${mqtt} 03da`, wire`${mqisdp} 03d8`]) {
      for (let length = 0; length < whole.length; length += 1) {
        expect(verdict(whole.subarray(0, length))).toBe(0);
      }
      expect(verdict(whole)).toBeGreaterThan(1);
    }
  });
});

describe("a reader of what a Client sends", () => {
  const tooLong = wire`10 d0 0f ${mqtt} 03da`;
  const read = (chunks: readonly Uint8Array[], firstPacketConnect = true): string => {
    const reader = new PacketReader({ packetBytesMax: 1_000, firstPacketConnect });
    try {
      for (const chunk of chunks) {
        reader.push(chunk);
        if (reader.advance()) return "reads";
      }
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return "waits";
  };
  const sentence = "the packet is larger than this side accepts";

  it("[M19] [M23] names the identifier, however its bytes come", () => {
    const expected = `${sentence}, byte 13 [MQTT-4.8.0-1]`;
    expect(read([tooLong])).toBe(expected);
    expect(read([...tooLong].map((byte) => Uint8Array.of(byte)))).toBe(expected);
    expect(read([tooLong.subarray(0, 2), tooLong.subarray(2, 9), tooLong.subarray(9)])).toBe(
      expected,
    );
    expect(read([tooLong.subarray(0, -1)])).toBe("waits");
  });

  it("[M23] names the length of a packet behind the CONNECT, as soon as it is there", () => {
    const reader = new PacketReader({ packetBytesMax: 1_000, firstPacketConnect: true });
    reader.push(wire`10 0c ${mqtt} 0000  30 fe 07`);
    expect(reader.advance()).toBe(true);
    expect(() => reader.advance()).toThrow(`${sentence}, byte 1 [MQTT-4.8.0-1]`);
  });

  it("[M23] names the length where anything may come first", () => {
    expect(read([tooLong.subarray(0, 3)], false)).toBe(`${sentence}, byte 1 [MQTT-4.8.0-1]`);
  });
});
