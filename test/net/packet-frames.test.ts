import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { encode } from "../../src/engine.js";
import { PacketFrames } from "../../src/net/packet-frames.js";
import { publishPacket } from "../support/harness.js";

/** A PUBLISH of so many bytes in all. */
function packetOf(byteCount: number, fill = 0x61): Uint8Array {
  for (const header of [2, 3, 4, 5]) {
    const payload = new Uint8Array(Math.max(0, byteCount - header - 3)).fill(fill);
    const packet = encode(publishPacket("t", payload));
    if (packet.length === byteCount) return packet;
  }
  throw new Error(`no PUBLISH has ${byteCount} bytes`);
}

/** What stands in the frames of a server, which must be whole binary messages. */
function messagesIn(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    expect(bytes[at]).toBe(0x82);
    const short = bytes[at + 1] as number;
    const [size, header] =
      short < 126
        ? [short, 2]
        : short === 126
          ? [bytes.readUInt16BE(at + 2), 4]
          : [Number(bytes.readBigUInt64BE(at + 2)), 10];
    messages.push(bytes.subarray(at + header, at + header + size));
    at += header + size;
  }
  return messages;
}

/** The frames of chunks, joined. */
function framed(frames: PacketFrames, chunks: readonly Uint8Array[]): Buffer {
  const pieces: Uint8Array[] = [];
  for (const chunk of chunks) frames.cut(chunk, pieces);
  return Buffer.concat(pieces);
}

/** That a stream of frames is this one packet. `toEqual` looks at each byte for a second. */
function expectOne(stream: Buffer, packet: Uint8Array): void {
  const messages = messagesIn(stream);
  expect(messages.map(({ length }) => length)).toEqual([packet.length]);
  expect(messages[0]?.equals(packet)).toBe(true);
}

describe("packets as frames", () => {
  it.each([5, 125, 126, 127, 65_535, 65_536, 200_000])(
    "[M32] a packet of %i bytes is one frame",
    (size) => {
      const frames = new PacketFrames();
      const packet = packetOf(size);
      expectOne(framed(frames, [packet]), packet);
      expect(frames.isWhole).toBe(true);
    },
  );

  it("[M32] the frames of one flush are one piece", () => {
    const frames = new PacketFrames();
    const packets = Array.from({ length: 20 }, (_, at) => packetOf(70 + at, at));
    const pieces: Uint8Array[] = [];
    frames.cut(Buffer.concat(packets), pieces);
    expect(pieces).toHaveLength(1);
    expect(messagesIn(Buffer.from(pieces[0] as Uint8Array))).toEqual(
      packets.map((packet) => Buffer.from(packet)),
    );
  });

  it("a frame begins with the first bytes of its packet, and large bytes are not copied", () => {
    const frames = new PacketFrames();
    const packet = packetOf(300_000);
    const pieces: Uint8Array[] = [];
    frames.cut(packet.subarray(0, 8), pieces);
    expect(frames.isWhole).toBe(false);
    const middle = packet.subarray(8, 200_000);
    frames.cut(middle, pieces);
    expect(pieces[1]).toBe(middle);
    frames.cut(packet.subarray(200_000), pieces);
    expect(frames.isWhole).toBe(true);
    expectOne(Buffer.concat(pieces), packet);
  });

  test("[M32] however packets are cut into chunks, each is one frame", () => {
    const size = fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 70_000 }));
    fc.assert(
      fc.property(
        fc.array(size),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
        (sizes, cuts) => {
          const packets = sizes.map((byteCount, at) =>
            encode(publishPacket("t", new Uint8Array(byteCount).fill(at))),
          );
          const all = Buffer.concat(packets);
          const ends = [...cuts.map((cut) => Math.floor(cut * all.length)), all.length].sort(
            (a, b) => a - b,
          );
          const chunks = ends.map((end, at) => all.subarray(at === 0 ? 0 : ends[at - 1], end));
          const frames = new PacketFrames();
          const messages = messagesIn(framed(frames, chunks));
          expect(messages.map(({ length }) => length)).toEqual(packets.map(({ length }) => length));
          expect(Buffer.concat(messages).equals(all)).toBe(true);
          expect(frames.isWhole).toBe(true);
        },
      ),
    );
  });
});
