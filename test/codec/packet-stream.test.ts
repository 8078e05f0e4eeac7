import { describe, expect, it } from "vitest";
import {
  encode,
  encodedLength,
  hashBytes,
  type Packet,
  PacketReader,
  PacketStream,
  PacketType,
} from "../../src/codec/index.js";

const packets: Packet[] = [
  {
    type: PacketType.CONNECT,
    protocolName: "MQTT",
    protocolLevel: 4,
    bridge: false,
    cleanSession: true,
    keepAliveSeconds: 60,
    clientId: "é-client",
    will: { topicName: "w/t", payload: Uint8Array.of(1, 2), qos: 2, retain: true },
    username: "u",
    password: Uint8Array.of(0),
  },
  { type: PacketType.CONNACK, sessionPresent: true, returnCode: 0 },
  {
    type: PacketType.PUBLISH,
    dup: true,
    qos: 1,
    retain: true,
    topicName: "a/b/€/𐍈",
    packetId: 0xabcd,
    payload: new Uint8Array(3000).fill(7),
  },
  {
    type: PacketType.PUBLISH,
    dup: false,
    qos: 0,
    retain: false,
    topicName: "a",
    packetId: 0,
    payload: new Uint8Array(0),
  },
  { type: PacketType.PUBACK, packetId: 1 },
  { type: PacketType.PUBREC, packetId: 255 },
  { type: PacketType.PUBREL, packetId: 256 },
  { type: PacketType.PUBCOMP, packetId: 65535 },
  {
    type: PacketType.SUBSCRIBE,
    packetId: 9,
    requests: [
      { topicFilter: "#", requestedQos: 0 },
      { topicFilter: "+/a/#", requestedQos: 2 },
    ],
  },
  { type: PacketType.SUBACK, packetId: 9, returnCodes: [0, 1, 2, 0x80] },
  { type: PacketType.UNSUBSCRIBE, packetId: 10, topicFilters: ["a/+/b", "é"] },
  { type: PacketType.UNSUBACK, packetId: 10 },
  { type: PacketType.PINGREQ },
  { type: PacketType.PINGRESP },
  { type: PacketType.DISCONNECT },
];

describe("PacketStream", () => {
  it.each([1, 2, 3, 7, 100, 5000])("reads what encode writes, in chunks of %i bytes", (size) => {
    const bytes = Uint8Array.from(packets.flatMap((packet) => [...encode(packet)]));
    const stream = new PacketStream();
    const found: Packet[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      stream.push(bytes.slice(at, at + size));
      for (let next = stream.next(); next !== undefined; next = stream.next()) found.push(next);
    }
    expect(found).toEqual(packets);
    expect(stream.bufferedBytes).toBe(0);
  });

  it("reads chunks that were all pushed before", () => {
    const stream = new PacketStream();
    for (const packet of packets) {
      const bytes = encode(packet);
      expect(bytes.length).toBe(encodedLength(packet));
      for (const byte of bytes) stream.push(Uint8Array.of(byte));
    }
    for (const packet of packets) expect(stream.next()).toEqual(packet);
    expect(stream.next()).toBeUndefined();
  });
});

describe("PacketReader", () => {
  it("leaves a PUBLISH where it lies", () => {
    const packet = packets[2] as Packet;
    const reader = new PacketReader();
    const chunk = encode(packet);
    reader.push(chunk);
    expect(reader.advance()).toBe(true);
    expect(reader.bytes).toBe(chunk);
    expect(reader.topicHash).toBe(hashBytes(chunk, reader.topicAt, reader.topicEnd));
    expect(reader.end).toBe(chunk.length);
    expect(reader.packetId).toBe(0xabcd);
    expect(reader.advance()).toBe(false);
  });
});
