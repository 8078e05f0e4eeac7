import { describe, expect, it } from "vitest";
import {
  encode,
  encodeInto,
  PacketType,
  type Unsubscribe,
  UsageError,
} from "../../../src/codec/index.js";
import { wire } from "../../support/wire.js";
import { readPacket, verdict } from "../reading.js";

describe("decodeUnsubscribe", () => {
  it("[MQTT-3.10.3-1] reads filters that stand back to back", () => {
    expect(readPacket(wire`a2 0a  0102  0003 612f23  0001 2b`)).toEqual({
      type: PacketType.UNSUBSCRIBE,
      packetId: 0x0102,
      topicFilters: ["a/#", "+"],
    });
  });

  it.each(Array.from({ length: 16 }, (_, flags) => flags).filter((flags) => flags !== 2))(
    "[MQTT-3.10.1-1] [MQTT-2.2.2-2] [D16] refuses flags other than 0010: %i",
    (flags) => {
      expect(verdict(Uint8Array.of(0xa0 | flags))).toBe("reserved-flags @0");
    },
  );

  it.each([
    ["[MQTT-2.3.1-1] identifier 0", wire`a2 05  0000  0001 61`, "zero-packet-id @2"],
    ["[MQTT-3.10.3-2] no filter", wire`a2 02  000a`, "no-topic-filter @4"],
    ["no identifier", wire`a2 00`, "truncated @2"],
    ["[MQTT-3.10.3-1] a stray byte", wire`a2 05  000a  0001 80`, "ill-formed-utf8 @6"],
    ["[MQTT-4.7.3-1] an empty filter", wire`a2 04  000a  0000`, "empty-topic-filter @6"],
    ["[MQTT-4.7.3-2] U+0000", wire`a2 05  000a  0001 00`, "null-character @6"],
    ["[MQTT-4.7.1-3] a+", wire`a2 06  000a  0002 612b`, "misplaced-single-level-wildcard @7"],
    ["half a length", wire`a2 06  000a  0001 61 00`, "truncated @7"],
    ["a filter beyond the end", wire`a2 05  000a  0002 61`, "truncated @4"],
  ])("[D16] refuses %s", (_, bytes, expected) => {
    expect(verdict(bytes)).toBe(expected);
  });
});

describe("writeUnsubscribe", () => {
  const plain: Unsubscribe = {
    type: PacketType.UNSUBSCRIBE,
    packetId: 10,
    topicFilters: ["a/+", "é"],
  };

  it("[MQTT-3.10.1-1] [MQTT-2.2.2-1] writes the flags 0010 and packs the filters", () => {
    expect(encode(plain)).toEqual(wire`a2 0b  000a  0003 612f2b  0002 c3a9`);
  });

  it.each<[string, Partial<Record<keyof Unsubscribe, unknown>>, RegExp]>([
    ["[MQTT-2.3.1-1] identifier 0", { packetId: 0 }, /^packetId must be .* got 0$/],
    ["[MQTT-3.10.3-2] no filter", { topicFilters: [] }, /^topicFilters must be an array, and/],
    ["an empty filter", { topicFilters: ["a", ""] }, /^topicFilters "" cannot be sent/],
    ["a filter of a number", { topicFilters: [5] }, /^topicFilters must be a string, got number$/],
  ])("refuses %s", (_, change, message) => {
    const packet = { ...plain, ...change } as Unsubscribe;
    for (const write of [encode, (it: Unsubscribe) => encodeInto(it, new Uint8Array(99), 0)]) {
      expect(() => write(packet)).toThrow(UsageError);
      expect(() => write(packet)).toThrow(message);
    }
  });
});
