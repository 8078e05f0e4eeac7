import { describe, expect, it } from "vitest";
import {
  type EncodablePacket,
  type EncodablePublish,
  encode,
  encodedLength,
  encodeInto,
  type Packet,
  PacketType,
  type Publish,
  UsageError,
} from "../../src/codec/index.js";
import { RESERVED_FLAGS } from "../../src/protocol/packet-type.js";
import { wire } from "../support/wire.js";
import { readPacket } from "./reading.js";

const publish: Publish = {
  type: PacketType.PUBLISH,
  dup: false,
  qos: 0,
  retain: false,
  topicName: "a/b",
  packetId: 0,
  payload: Uint8Array.of(1, 2, 3),
};

const one: readonly Packet[] = [
  {
    type: PacketType.CONNECT,
    protocolName: "MQTT",
    protocolLevel: 4,
    bridge: false,
    cleanSession: true,
    keepAliveSeconds: 60,
    clientId: "id",
    will: undefined,
    username: undefined,
    password: undefined,
  },
  { type: PacketType.CONNACK, sessionPresent: false, returnCode: 0 },
  publish,
  { type: PacketType.PUBACK, packetId: 1 },
  { type: PacketType.PUBREC, packetId: 1 },
  { type: PacketType.PUBREL, packetId: 1 },
  { type: PacketType.PUBCOMP, packetId: 1 },
  { type: PacketType.SUBSCRIBE, packetId: 1, requests: [{ topicFilter: "a", requestedQos: 0 }] },
  { type: PacketType.SUBACK, packetId: 1, returnCodes: [0] },
  { type: PacketType.UNSUBSCRIBE, packetId: 1, topicFilters: ["a"] },
  { type: PacketType.UNSUBACK, packetId: 1 },
  { type: PacketType.PINGREQ },
  { type: PacketType.PINGRESP },
  { type: PacketType.DISCONNECT },
];

describe("encode", () => {
  it("[MQTT-2.2.2-1] writes the flags of the table for all 14 packet types", () => {
    for (const packet of one) {
      const first = encode(packet)[0] as number;
      expect(first >> 4).toBe(packet.type);
      const reserved = RESERVED_FLAGS[packet.type] as number;
      if (reserved >= 0) expect(first & 0x0f).toBe(reserved);
    }
    expect(one.map(({ type }) => type)).toEqual(Object.values(PacketType));
  });

  it("[MQTT-3.3.1-2] [MQTT-2.3.1-5] fills in what a short PUBLISH leaves out; a string is UTF-8", () => {
    const { PUBLISH } = PacketType;
    for (const payload of ["é", "", "x".repeat(3_000)]) {
      const short: EncodablePacket = { type: PUBLISH, topicName: "a/b", payload };
      const whole = { ...publish, payload: Buffer.from(payload) };
      const bytes = Buffer.from(encode(whole));
      expect(bytes.equals(encode(short))).toBe(true);
      expect(encodedLength(short)).toBe(bytes.length);
      const target = new Uint8Array(bytes.length);
      expect(encodeInto(short, target, 0)).toBe(bytes.length);
      expect(bytes.equals(target)).toBe(true);
      expect(readPacket(target)).toEqual({ ...whole, payload: new Uint8Array(whole.payload) });
    }
    const undefinedOnes = {
      dup: undefined,
      qos: undefined,
      retain: undefined,
      packetId: undefined,
    };
    expect(encode({ ...publish, ...undefinedOnes })).toEqual(encode(publish));
    expect(encode({ type: PUBLISH, topicName: "a", payload: "x", qos: 1, packetId: 7 })).toEqual(
      wire`32 06 0001 61 0007 78`,
    );
    const retained = { type: PUBLISH, topicName: "a", payload: "x", retain: true } as const;
    expect(encode(retained)).toEqual(wire`31 04 0001 61 78`);
  });

  it.each<[object, RegExp]>([
    [{ payload: "x", qos: 1 }, /^packetId must be an integer from 1 to 65535, got 0$/],
    [{ payload: "x", qos: null }, /^qos must be 0, 1 or 2, got null$/],
    [{ payload: "x", dup: true }, /^dup must be false when qos is 0/],
    [{ payload: "\ud800" }, /^payload must hold no lone surrogate$/],
    [{ payload: null }, /^payload must be a string or a Uint8Array, got object$/],
    [{}, /^payload must be a string or a Uint8Array, got undefined$/],
  ])("refuses of a short PUBLISH %j", (fields, message) => {
    const packet = { type: PacketType.PUBLISH, topicName: "a", ...fields } as EncodablePacket;
    for (const call of [encode, (it: EncodablePacket) => encodeInto(it, new Uint8Array(99), 0)]) {
      expect(() => call(packet)).toThrow(UsageError);
      expect(() => call(packet)).toThrow(message);
    }
  });

  // A random seed of the simulation met a TypeError here.
  it.each<[unknown, RegExp]>([
    [null, /^packet must be an object, got null$/],
    [undefined, /^packet must be an object, got undefined$/],
    [{ type: PacketType.PUBLISH, topicName: null, payload: "x" }, /^topicName must be a string/],
    [{ type: PacketType.PUBLISH, payload: "x" }, /^topicName must be a string/],
  ])("[M04] refuses %j, which is no packet", (packet, message) => {
    const calls = [
      encode,
      encodedLength,
      (it: EncodablePacket) => encodeInto(it, new Uint8Array(99), 0),
    ];
    for (const call of calls) {
      expect(() => call(packet as EncodablePacket)).toThrow(UsageError);
      expect(() => call(packet as EncodablePacket)).toThrow(message);
    }
  });

  it("fills in what a short CONNECT leaves out, in its Will too", () => {
    const short: EncodablePacket = {
      type: PacketType.CONNECT,
      protocolName: "MQTT",
      protocolLevel: 4,
      cleanSession: true,
      keepAliveSeconds: 60,
      clientId: "id",
      will: { topicName: "w", payload: "gone" },
      username: "u",
      password: "é",
    };
    const will = { topicName: "w", payload: Buffer.from("gone"), qos: 0, retain: false } as const;
    const whole: Packet = {
      ...short,
      bridge: false,
      username: "u",
      will,
      password: Buffer.from("é"),
    };
    expect(encode(short)).toEqual(encode(whole));
    expect(encodedLength(short)).toBe(encode(whole).length);
    const { will: _, username: __, password: ___, ...bare } = short;
    expect(encode(bare)).toEqual(encode(one[0] as Packet));
  });

  it("gives bytes that later calls leave alone, small packets and large", () => {
    const packets = Array.from({ length: 400 }, (_, index) => ({
      ...publish,
      topicName: `t/${index}`,
      payload: new Uint8Array(index * 17).fill(index),
    }));
    const all = packets.map(encode);
    packets.forEach((packet, index) => {
      const bytes = all[index] as Uint8Array;
      expect(bytes.length).toBe(encodedLength(packet));
      const { payload, topicName } = readPacket(bytes) as Publish;
      expect(topicName).toBe(packet.topicName);
      expect(Buffer.compare(payload, packet.payload)).toBe(0); // toEqual is slow for so many bytes
    });
  });

  it("[MQTT-1.5.3-1] encodes text beyond ASCII, where the guess at the length is wrong too", () => {
    for (const count of [1, 30, 41, 42, 60, 64, 5000, 8000, 20_000]) {
      for (const character of ["é", "€", "𐍈"]) {
        const topicName = character.repeat(count);
        if (new TextEncoder().encode(topicName).length > 65_535) continue;
        for (const length of [0, 100, 16_300]) {
          const packet = { ...publish, topicName, payload: new Uint8Array(length) };
          const found = readPacket(encode(packet)) as Publish;
          expect(found.topicName).toBe(topicName);
          expect(found.payload.length).toBe(length);
        }
      }
    }
  });

  it.each([0, 15, -1, 3.5, 4.5, "4", "PUBLISH", undefined])("refuses the type %s", (type) => {
    const packet = { ...publish, packetId: 1, type } as unknown as Packet;
    for (const call of [
      encode,
      encodedLength,
      (it: Packet) => encodeInto(it, new Uint8Array(9), 0),
    ]) {
      expect(() => call(packet)).toThrow(UsageError);
      expect(() => call(packet)).toThrow(/^type must be an integer from 1 to 14, got /);
    }
  });
});

describe("encodeInto", () => {
  it("writes where it is told and returns the end", () => {
    const target = new Uint8Array(12).fill(0xee);
    expect(encodeInto(publish, target, 1)).toBe(11);
    expect(target).toEqual(wire`ee 30 08 0003 612f62 010203 ee`);
  });

  it.each<[string, Partial<EncodablePublish>]>([
    ["payloads that are text", { payload: "x".repeat(1_500) }],
    ["Topic Names beyond ASCII", { topicName: "é".repeat(600) }],
  ])("has room for %s, however full the buffer is that small packets share", (_, long) => {
    const packet = { ...publish, ...long };
    const length = encodedLength(packet);
    for (let count = 0; count < 40; count++) expect(encode(packet)).toHaveLength(length);
  });

  it("makes small packets pieces of a larger buffer, and large ones their own", () => {
    expect(encode(publish).buffer.byteLength).toBeGreaterThan(2_048);
    const large = encode({ ...publish, payload: new Uint8Array(2_048) });
    expect(large.buffer.byteLength).toBe(large.length);
  });

  it("needs exactly the room that encodedLength names, for every packet", () => {
    for (const packet of one) {
      const length = encodedLength(packet);
      expect(encodeInto(packet, new Uint8Array(length + 3), 3)).toBe(length + 3);
      for (let size = 0; size < length; size++) {
        expect(() => encodeInto(packet, new Uint8Array(size + 3), 3)).toThrow(UsageError);
        expect(() => encodeInto(packet, new Uint8Array(size + 3), 3)).toThrow(
          /^target has \d+ bytes, the packet goes on to \d+/,
        );
      }
    }
  });

  it("needs the same room where its guess at the length is too short", () => {
    const packet = { ...publish, topicName: "é".repeat(64), payload: new Uint8Array(0) };
    const length = encodedLength(packet);
    expect(length).toBe(133); // three bytes of fixed header, not two
    expect(encodeInto(packet, new Uint8Array(length), 0)).toBe(length);
    expect(() => encodeInto(packet, new Uint8Array(length - 1), 0)).toThrow(/^target has/);
    const requests = [{ topicFilter: "a".repeat(128), requestedQos: 0 }] as const;
    const subscribe: Packet = { type: PacketType.SUBSCRIBE, packetId: 1, requests };
    expect(encodeInto(subscribe, new Uint8Array(136), 0)).toBe(136);
    expect(() => encodeInto(subscribe, new Uint8Array(135), 0)).toThrow(/^target has/);
  });

  it.each([-1, 0.5, Number.NaN, "0", undefined])("refuses the offset %s", (offset) => {
    for (const packet of [publish, { type: PacketType.PUBACK, packetId: 1 } as const]) {
      expect(() => encodeInto(packet, new Uint8Array(99), offset as number)).toThrow(
        /^offset must be an integer from 0 to 4294967295, got /,
      );
    }
  });
});

describe("encodedLength", () => {
  it.each<[string, Packet, RegExp]>([
    [
      "a lone surrogate",
      { ...publish, topicName: "\ud800" },
      /^topicName must hold no lone surrogate, got "/,
    ],
    [
      "a long Topic Name",
      { ...publish, topicName: "a".repeat(65_536) },
      /^topicName must have at most 65535 bytes, got 65536$/,
    ],
    [
      "a payload that is neither text nor bytes",
      { ...publish, payload: 5 as unknown as Uint8Array },
      /^payload must be a string or a Uint8Array, got number$/,
    ],
    [
      "more return codes than a packet can hold",
      { type: PacketType.SUBACK, packetId: 1, returnCodes: new Array(268_435_454) },
      /^Remaining Length must be at most 268435455, got 268435456$/,
    ],
  ])("refuses %s", (_, packet, message) => {
    expect(() => encodedLength(packet)).toThrow(UsageError);
    expect(() => encodedLength(packet)).toThrow(message);
  });
});
