import { describe, expect, it } from "vitest";
import {
  encode,
  encodeInto,
  type Packet,
  PacketStream,
  PacketType,
  ProtocolError,
  type Publish,
} from "../../src/codec/index.js";
import { cut } from "../support/arbitraries.js";
import { wire } from "../support/wire.js";

const publish: Publish = {
  type: PacketType.PUBLISH,
  dup: false,
  qos: 0,
  retain: false,
  topicName: "a/b",
  packetId: 0,
  payload: Uint8Array.of(1, 2, 3),
};

describe("PacketStream", () => {
  it("gives whole packets, then undefined", () => {
    const stream = new PacketStream();
    stream.push(wire`c0 00  30 08 0003 612f62 010203  40`);
    expect(stream.next()).toEqual({ type: PacketType.PINGREQ });
    expect(stream.next()).toEqual(publish);
    expect(stream.bufferedBytes).toBe(1);
    expect(stream.next()).toBeUndefined();
    expect(stream.next()).toBeUndefined();
    stream.push(wire`02 0007`);
    expect(stream.next()).toEqual({ type: PacketType.PUBACK, packetId: 7 });
    expect(stream.bufferedBytes).toBe(0);
  });

  it("hands its options to the reader", () => {
    const stream = new PacketStream({ sender: "client", packetBytesMax: 100 });
    stream.push(wire`20`);
    expect(() => stream.next()).toThrow(expect.objectContaining({ code: "wrong-direction" }));
  });

  it("stays failed after a violation", () => {
    const stream = new PacketStream();
    stream.push(wire`c1`);
    expect(() => stream.next()).toThrow(ProtocolError);
    expect(() => stream.next()).toThrow(expect.objectContaining({ code: "stream-failed" }));
    expect(() => stream.push(wire`c0`)).toThrow(expect.objectContaining({ code: "stream-failed" }));
  });

  it("[A12] reads a megabyte of small packets in one chunk", () => {
    const one = encode(publish);
    const chunk = new Uint8Array(one.length * 100_000);
    for (let at = 0; at < chunk.length; at += one.length) chunk.set(one, at);
    const stream = new PacketStream();
    stream.push(chunk);
    let count = 0;
    for (let packet = stream.next(); packet !== undefined; packet = stream.next()) count++;
    expect(count).toBe(100_000);
  });

  it("[A12] reads a packet of 1 MiB in chunks of one byte in less than a second", () => {
    const bytes = encode({ ...publish, payload: new Uint8Array(1024 * 1024).fill(5) });
    const chunks = cut(bytes, [1]);
    const stream = new PacketStream();
    const found: Packet[] = [];
    const begin = process.cpuUsage();
    for (const chunk of chunks) {
      stream.push(chunk);
      const packet = stream.next();
      if (packet !== undefined) found.push(packet);
    }
    const { user } = process.cpuUsage(begin); // not the clock: other tests run beside this one
    expect(user / 1e6).toBeLessThan(1);
    expect(found.length).toBe(1);
    expect((found[0] as Publish).payload.every((byte) => byte === 5)).toBe(true);
  });
});

describe("the ownership of payloads", () => {
  const chunk = new Uint8Array(64 * 1024);
  encodeInto(publish, chunk, 0);
  encodeInto(publish, chunk, 10);

  function firstPayload(): Uint8Array {
    const stream = new PacketStream();
    stream.push(chunk.subarray(0, 20));
    return (stream.next() as Publish).payload;
  }

  it("is the chunk's: a payload is a view of it", () => {
    expect(firstPayload().buffer).toBe(chunk.buffer);
    expect(firstPayload().byteOffset).toBe(7);
  });

  it("a copied payload does not hold the chunk in memory", () => {
    const stored = firstPayload().slice();
    expect(stored.buffer.byteLength).toBe(3);
    expect(stored).toEqual(publish.payload);
  });
});
