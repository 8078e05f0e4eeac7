import { describe, expect, it } from "vitest";
import {
  ALL_TYPES,
  CONNECT_TYPE,
  firstBytes,
  firstByteViolation,
  type Sender,
} from "../../../src/codec/frame/first-byte.js";
import { PacketType } from "../../../src/protocol/packet-type.js";

function passing(table: Uint8Array): number[] {
  return Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => table[byte] === 0);
}

function violations(table: Uint8Array, bytes: readonly number[]): string[] {
  return bytes.map((byte) => firstByteViolation(table[byte] as number));
}

describe("firstBytes", () => {
  const publish = [0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x3a, 0x3b, 0x3c, 0x3d];
  const acks = [0x40, 0x50, 0x62, 0x70];
  const fromClient = [0x10, 0x82, 0xa2, 0xc0, 0xe0];
  const fromServer = [0x20, 0x90, 0xb0, 0xd0];

  it.each<[Sender, number[]]>([
    ["client", fromClient],
    ["server", fromServer],
    ["either", [...fromClient, ...fromServer]],
  ])("[MQTT-2.2.2-2] lets pass what a %s sends, with the flags of the table", (sender, own) => {
    const expected = [...publish, ...acks, ...own].sort((a, b) => a - b);
    expect(passing(firstBytes(sender, false))).toEqual(expected);
  });

  it("[MQTT-3.3.1-2] lets DUP at QoS 0 pass on demand, and nothing else more", () => {
    const strict = passing(firstBytes("client", false));
    const lenient = passing(firstBytes("client", true));
    expect(lenient.filter((byte) => !strict.includes(byte))).toEqual([0x38, 0x39]);
  });

  it("names what is wrong", () => {
    const table = firstBytes("client", false);
    expect(violations(table, [0x00, 0xf7, 0x11, 0x36, 0x38, 0x20])).toEqual([
      "reserved-packet-type",
      "reserved-packet-type",
      "reserved-flags",
      "qos-3",
      "dup-at-qos-0",
      "wrong-direction",
    ]);
  });

  it("is made once for each combination of options", () => {
    expect(firstBytes("client", true)).toBe(firstBytes("client", true));
    expect(firstBytes("client", true)).not.toBe(firstBytes("client", false));
  });

  it("[M27] lets any flags of some types pass on demand, never others of PUBLISH", () => {
    const strict = passing(firstBytes("client", false));
    const added = (anyFlags: number) =>
      passing(firstBytes("client", false, false, anyFlags)).filter((it) => !strict.includes(it));
    expect(added(0)).toEqual([]);
    const connect = [0x11, 0x12, 0x13, 0x14, 0x15, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d];
    expect(added(CONNECT_TYPE)).toEqual(connect); // all but QoS 3: a TLS hello begins with 16
    expect(added(ALL_TYPES)).toHaveLength(15 * (acks.length + fromClient.length) - 4);
    expect(added(ALL_TYPES).filter((it) => it >> 4 === PacketType.PUBLISH)).toEqual([]);
    const table = firstBytes("client", false, false, ALL_TYPES);
    expect(violations(table, [0x0a, 0xfa, 0x36, 0x38, 0x2a])).toEqual([
      "reserved-packet-type",
      "reserved-packet-type",
      "qos-3",
      "dup-at-qos-0",
      "wrong-direction",
    ]);
    expect(violations(table, [0x16, 0x1f])).toEqual(["reserved-flags", "reserved-flags"]);
  });

  it("[MQTT-3.1.0-1] [A01] lets only CONNECT pass", () => {
    const table = firstBytes("client", false, true);
    expect(passing(table)).toEqual([PacketType.CONNECT << 4]);
    expect(violations(table, [0x12, 0x00, 0x30, 0xff])).toEqual([
      "reserved-flags",
      "first-packet-not-connect",
      "first-packet-not-connect",
      "first-packet-not-connect",
    ]);
  });
});
