import { describe, expect, it } from "vitest";
import { encode, PacketType, type Publish, UsageError } from "../../../src/codec/index.js";
import { publishLength, writePublish, writePublishHeader } from "../../../src/codec/raw.js";
import { concat } from "../../support/arbitraries.js";
import { wire } from "../../support/wire.js";
import { field, framed, readPacket, verdict } from "../reading.js";

const plain: Publish = {
  type: PacketType.PUBLISH,
  dup: false,
  qos: 0,
  retain: false,
  topicName: "a/b",
  packetId: 0,
  payload: Uint8Array.of(1),
};

/** A PUBLISH at QoS 0 to a topic of these bytes, with the payload "x". */
function publishTo(topic: Uint8Array | string): Uint8Array {
  return framed(0x30, concat([field(topic), wire`78`]));
}

describe("readPublish", () => {
  it("[MQTT-2.3.1-5] takes what follows the Topic Name as payload at QoS 0", () => {
    expect(readPacket(wire`30 07  0003 612f62  000a`)).toEqual({
      ...plain,
      payload: Uint8Array.of(0, 10),
    });
  });

  it("reads DUP, QoS, RETAIN and the identifier", () => {
    expect(readPacket(wire`3d 08  0003 612f62  000a  78`)).toEqual({
      ...plain,
      dup: true,
      qos: 2,
      retain: true,
      packetId: 10,
      payload: Uint8Array.of(0x78),
    });
  });

  it("reads an empty payload", () => {
    expect(readPacket(wire`31 03  0001 61`)).toEqual({
      ...plain,
      retain: true,
      topicName: "a",
      payload: new Uint8Array(0),
    });
  });

  it.each([0x36, 0x37, 0x3e, 0x3f])("[MQTT-3.3.1-4] [E01] refuses QoS 3 at once: %i", (first) => {
    expect(verdict(Uint8Array.of(first))).toBe("qos-3 @0");
  });

  it.each([0x38, 0x39])("[MQTT-3.3.1-2] [E02] refuses DUP at QoS 0 at once: %i", (first) => {
    expect(verdict(Uint8Array.of(first))).toBe("dup-at-qos-0 @0");
  });

  it("[MQTT-3.3.1-2] [E02] lets DUP at QoS 0 pass where it is told to", () => {
    expect(readPacket(wire`38 03  0001 61`, { dupAtQos0: "accept" })).toEqual({
      ...plain,
      dup: true,
      topicName: "a",
      payload: new Uint8Array(0),
    });
  });

  it.each([
    ["no byte", wire`30 00`, "truncated @2"],
    ["one byte", wire`30 01  00`, "truncated @2"],
    ["an empty Topic Name", wire`30 02  0000`, "empty-topic-name @4"],
    ["a Topic Name beyond the packet", wire`30 07  ffff 6162636465`, "truncated @2"],
    ["a Topic Name one byte beyond it", wire`30 04  0003 6162`, "truncated @2"],
  ])("[MQTT-3.3.2-1] [MQTT-4.7.3-1] [E03] refuses %s", (_, bytes, expected) => {
    expect(verdict(bytes)).toBe(expected);
  });

  it.each([
    ["no identifier at QoS 1", wire`32 03  0001 61`, "truncated @5"],
    ["half an identifier at QoS 2", wire`34 04  0001 61  00`, "truncated @5"],
    ["identifier 0 at QoS 1", wire`32 05  0001 61  0000`, "zero-packet-id @5"],
    ["identifier 0 at QoS 2", wire`34 06  0001 61  0000 78`, "zero-packet-id @5"],
  ])("[MQTT-2.3.1-1] [E04] refuses %s", (_, bytes, expected) => {
    expect(verdict(bytes)).toBe(expected);
  });

  it("[MQTT-3.3.2-2] [MQTT-4.7.1-1] [E05] refuses a wildcard at every place of a Topic Name", () => {
    for (const wildcard of ["+", "#"]) {
      for (let length = 1; length < 14; length++) {
        for (let at = 0; at < length; at++) {
          const topic = `${"a".repeat(at)}${wildcard}${"b".repeat(length - at - 1)}`;
          expect(verdict(publishTo(topic)), topic).toBe(`wildcard-in-topic-name @${4 + at}`);
        }
      }
    }
  });

  it("[MQTT-4.7.3-2] [C04] refuses U+0000 at every place of a Topic Name", () => {
    for (let length = 1; length < 14; length++) {
      for (let at = 0; at < length; at++) {
        const topic = `${"a".repeat(at)}\0${"b".repeat(length - at - 1)}`;
        expect(verdict(publishTo(topic))).toBe(`null-character @${4 + at}`);
      }
    }
  });

  it("[MQTT-3.3.2-1] refuses a Topic Name that is not UTF-8", () => {
    expect(verdict(publishTo(Uint8Array.of(0x61, 0xff)))).toBe("ill-formed-utf8 @5");
  });

  it("[MQTT-1.5.3-3] [C07] keeps U+FEFF where it stands", () => {
    for (const topicName of ["\ufeffa", "a\ufeffb", "\ufeff"]) {
      expect((readPacket(publishTo(topicName)) as Publish).topicName).toBe(topicName);
      expect(encode({ ...plain, topicName })).toEqual(
        framed(0x30, concat([field(topicName), plain.payload])),
      );
    }
  });

  it("[M22] [E05] refuses a Topic Name with one level more than allowed", () => {
    const short = { topicLevelsMax: 3 };
    expect(verdict(publishTo("a/b/c"), short)).toBe("reads");
    expect(verdict(publishTo("a/b/c/"), short)).toBe("too-many-topic-levels @9");
    expect(verdict(publishTo("//"), short)).toBe("reads");
    expect(verdict(publishTo("///"), short)).toBe("too-many-topic-levels @6");
    expect(verdict(publishTo("/".repeat(200)))).toBe("reads");
    expect(verdict(publishTo("/".repeat(200)), { topicLevelsMax: 128 })).toBe(
      "too-many-topic-levels @132",
    );
  });

  it("[MQTT-4.7.3-3] reads a Topic Name of 65,535 bytes", () => {
    const topicName = "a".repeat(65_535);
    expect((readPacket(publishTo(topicName)) as Publish).topicName).toBe(topicName);
  });
});

describe("writing a PUBLISH", () => {
  it("[MQTT-2.3.1-5] writes no identifier at QoS 0", () => {
    expect(encode(plain)).toEqual(wire`30 06  0003 612f62  01`);
  });

  it("writes DUP, QoS, RETAIN and the identifier", () => {
    expect(encode({ ...plain, dup: true, qos: 1, retain: true, packetId: 0x0102 })).toEqual(
      wire`3b 08  0003 612f62  0102  01`,
    );
  });

  it.each([
    [127, 1],
    [128, 2],
    [16_383, 2],
    [16_384, 3],
    [2_097_151, 3],
    [2_097_152, 4],
  ])("writes a Remaining Length of %i in %i bytes", (remainingLength, size) => {
    const bytes = encode({ ...plain, payload: new Uint8Array(remainingLength - 5) });
    expect(bytes.length).toBe(1 + size + remainingLength);
    expect(bytes.slice(1 + size, 6 + size)).toEqual(wire`0003 612f62`);
  });

  it.each<[string, Partial<Record<keyof Publish, unknown>>, RegExp]>([
    ["[MQTT-3.3.1-4] QoS 3", { qos: 3 }, /^qos must be 0, 1 or 2, got 3$/],
    ["[MQTT-3.3.1-2] DUP at QoS 0", { dup: true }, /^dup must be false when qos is 0/],
    ["a DUP of 0", { dup: 0 }, /^dup must be true or false, got 0$/],
    ["no RETAIN", { retain: undefined }, /^retain must be true or false, got undefined$/],
    ["[MQTT-2.3.1-1] identifier 0 at QoS 1", { qos: 1 }, /^packetId .* from 1 to 65535, got 0$/],
    ["identifier 65536", { qos: 2, packetId: 65_536 }, /^packetId .* got 65536$/],
    ["[MQTT-2.3.1-5] an identifier at QoS 0", { packetId: 1 }, /^packetId must be 0 when qos is 0/],
    ["[MQTT-4.7.3-1] no Topic Name", { topicName: "" }, /^topicName "" cannot be sent: .*empty/],
    ["[MQTT-3.3.2-2] a + in it", { topicName: "a/+" }, /^topicName "a\/\+" cannot be sent/],
    ["[MQTT-4.7.1-1] a # in it", { topicName: "#" }, /^topicName "#" cannot be sent/],
    ["[MQTT-4.7.3-2] U+0000 in it", { topicName: "a\0" }, /^topicName "a\\u0000" cannot be sent/],
    ["a control character", { topicName: "a\u0085" }, /^topicName .* cannot be sent: .*control/],
    ["a noncharacter", { topicName: "a\ufffe" }, /^topicName .* cannot be sent: .*nonchar/],
    ["a lone surrogate", { topicName: "a\udc00" }, /^topicName must hold no lone surrogate, got "/],
    ["[MQTT-4.7.3-3] 65,536 bytes", { topicName: "a".repeat(65_536) }, /^topicName .* got 65536$/],
    ["a Topic Name as bytes", { topicName: Uint8Array.of(97) }, /^topicName must be a string/],
    ["a payload of text", { payload: "x" }, /^payload must be a Uint8Array, got string$/],
    ["no payload", { payload: undefined }, /^payload must be a Uint8Array, got undefined$/],
  ])("refuses %s", (_, change, message) => {
    const packet = { ...plain, ...change } as Publish;
    expect(() => encode(packet)).toThrow(UsageError);
    expect(() => encode(packet)).toThrow(message);
  });

  it("refuses a packet whose Remaining Length would need a fifth byte", () => {
    const payload = new Uint8Array(268_435_451);
    expect(() => encode({ ...plain, payload })).toThrow(
      /^Remaining Length must be at most 268435455, got 268435456$/,
    );
  });
});

describe("writePublish and writePublishHeader", () => {
  const topic = new TextEncoder().encode("xx/sensors/7/temperature/celsius");

  it.each([
    [0, 0x00, 0],
    [0, 0x01, 50],
    [1, 0x02, 50],
    [1, 0x0b, 300],
    [2, 0x04, 20_000],
  ] as const)("write what encode writes: QoS %i, flags %i, payload %i", (qos, flags, length) => {
    const payload = new Uint8Array(length + 2).map((_, index) => index);
    const expected = encode({
      type: PacketType.PUBLISH,
      dup: (flags & 8) !== 0,
      qos,
      retain: (flags & 1) !== 0,
      topicName: "sensors/7/temperature/celsius",
      packetId: qos === 0 ? 0 : 0xabcd,
      payload: payload.subarray(1, length + 1),
    });
    expect(publishLength(topic.length - 3, qos, length)).toBe(expected.length);

    const target = new Uint8Array(expected.length + 8).fill(0xee);
    const end = writePublish(
      target,
      4,
      flags,
      topic,
      3,
      topic.length,
      0xabcd,
      payload,
      1,
      length + 1,
    );
    expect(end).toBe(4 + expected.length);
    expect(target.slice(4, end)).toEqual(expected);
    expect([...target.slice(0, 4), ...target.slice(end)]).toEqual(new Array(8).fill(0xee));

    const header = new Uint8Array(expected.length);
    const payloadAt = writePublishHeader(header, 0, flags, topic.slice(3), 0xabcd, length);
    expect(payloadAt).toBe(expected.length - length);
    expect(header.slice(0, payloadAt)).toEqual(expected.slice(0, payloadAt));
  });
});
