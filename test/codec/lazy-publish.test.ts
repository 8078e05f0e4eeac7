import { describe, expect, it } from "vitest";
import { encode, PacketStream, PacketType, type Publish } from "../../src/codec/index.js";
import { readPacket } from "./reading.js";

const publish: Publish = {
  type: PacketType.PUBLISH,
  dup: true,
  qos: 2,
  retain: true,
  topicName: "a/b",
  packetId: 7,
  payload: Uint8Array.of(1, 2, 3),
};

describe("a PUBLISH with a lazy payload", () => {
  const chunk = encode(publish);
  const packet = readPacket(chunk, { lazyPayload: true }) as Publish;

  it("has all fields of a plain one", () => {
    const { type, dup, qos, retain, topicName, packetId, payload } = packet;
    expect({ type, dup, qos, retain, topicName, packetId, payload }).toEqual(publish);
  });

  it("makes its payload once, a view of the chunk", () => {
    expect(packet.payload).toBe(packet.payload);
    expect(packet.payload.buffer).toBe(chunk.buffer);
  });

  it("is complete in JSON", () => {
    expect(JSON.parse(JSON.stringify(packet))).toEqual(JSON.parse(JSON.stringify(publish)));
  });

  it("can be encoded again", () => {
    expect(encode(packet)).toEqual(chunk);
  });

  it("reads the same packets from a chunk that is read through a view", () => {
    const many = new Uint8Array(chunk.length * 30);
    for (let at = 0; at < many.length; at += chunk.length) many.set(chunk, at);
    const stream = new PacketStream({ lazyPayload: true });
    stream.push(many);
    for (let index = 0; index < 30; index++) {
      expect((stream.next() as Publish & { toJSON(): Publish }).toJSON()).toEqual(publish);
    }
    expect(stream.next()).toBeUndefined();
  });
});
