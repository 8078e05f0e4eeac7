import { describe, expect, it } from "vitest";
import {
  type Connect,
  encode,
  type Packet,
  PacketReader,
  PacketType,
  type Publish,
  UsageError,
  utf8Decode,
} from "../../src/codec/index.js";
import { concat, cut } from "../support/arbitraries.js";
import { wire } from "../support/wire.js";
import { publish, readPackets, verdict } from "./reading.js";

describe("chunks", () => {
  it("refuses what is no Uint8Array", () => {
    const reader = new PacketReader();
    expect(() => reader.push("10" as unknown as Uint8Array)).toThrow(
      /^chunk must be a Uint8Array, got string$/,
    );
  });

  it("takes a Buffer and gives payloads that are plain Uint8Arrays", () => {
    const packets = readPackets(Buffer.from(encode(publish(3))));
    expect(packets).toEqual([publish(3)]);
    expect((packets[0] as Publish).payload.constructor).toBe(Uint8Array);
  });

  it("takes empty chunks at any time", () => {
    const reader = new PacketReader();
    const bytes = encode(publish(3));
    for (const chunk of [wire``, bytes.slice(0, 3), wire``, bytes.slice(3), wire``]) {
      reader.push(chunk);
    }
    expect(reader.advance()).toBe(true);
    expect(reader.packet()).toEqual(publish(3));
    expect(reader.advance()).toBe(false);
  });

  it("counts what it has received and not yet read", () => {
    const reader = new PacketReader();
    const bytes = concat([encode(publish(300)), wire`c0 00 c0`]);
    const counts: number[] = [];
    for (const chunk of cut(bytes, [100])) {
      reader.push(chunk);
      counts.push(reader.bufferedBytes);
    }
    expect(counts).toEqual([100, 200, 300, bytes.length]);
    reader.advance();
    expect(reader.bufferedBytes).toBe(3);
    reader.advance();
    expect(reader.bufferedBytes).toBe(1);
    reader.advance();
    expect(reader.bufferedBytes).toBe(1);
  });

  it("counts the packets that it has read, in one chunk or across", () => {
    const reader = new PacketReader();
    for (const chunk of [wire`c0 00 c0 00`, wire`c0`, wire`00`]) reader.push(chunk);
    const before = reader.serial;
    const serials: number[] = [];
    while (reader.advance()) serials.push(reader.serial - before);
    expect(serials).toEqual([1, 2, 3]);
  });

  it("takes a Remaining Length of 0 for unpadded, wherever it is cut", () => {
    const reader = new PacketReader({ paddedLength: "refuse" });
    for (const chunk of [wire`c0`, wire`00`]) reader.push(chunk);
    expect(reader.advance()).toBe(true);
    expect(reader.type).toBe(PacketType.PINGREQ);
  });

  it("reads a chunk that comes once the first of two is read behind the second", () => {
    const reader = new PacketReader();
    reader.push(wire`c0 00`);
    reader.push(wire`40 02 0007`);
    expect(reader.advance()).toBe(true);
    reader.push(wire`d0 00`);
    const types: number[] = [];
    while (reader.advance()) types.push(reader.type);
    expect(types).toEqual([PacketType.PUBACK, PacketType.PINGRESP]);
  });

  it("says whether there is anything unread, in this chunk or in those behind it", () => {
    const reader = new PacketReader();
    expect(reader.hasUnread).toBe(false);
    reader.push(wire`c0 00 c0 00`);
    reader.push(wire`c0 00 c0`);
    const found: [boolean, boolean][] = [];
    for (let count = 0; count < 4; count++) found.push([reader.advance(), reader.hasUnread]);
    // The half of a packet that is left has been read: it waits for the other half.
    expect(found).toEqual([
      [true, true],
      [true, true],
      [true, true],
      [false, false],
    ]);
    reader.push(wire`00`);
    expect(reader.hasUnread).toBe(true);
    expect([reader.advance(), reader.hasUnread]).toEqual([true, false]);
  });

  it.each([
    ["of more than 16 KiB", encode(publish(20_000))],
    ["with a padded length", wire`c0 80 00`],
  ])("hold a packet %s where it is read: it is not copied", (_, bytes) => {
    for (const behind of [wire``, wire`c0 00`]) {
      const chunk = concat([bytes, behind]);
      const reader = new PacketReader();
      reader.push(chunk);
      expect(reader.advance()).toBe(true);
      expect(reader.bytes).toBe(chunk);
    }
  });

  it("lets go of the chunk once it is read", () => {
    const reader = new PacketReader();
    const chunk = concat([encode(publish(3)), wire`40 02`]);
    reader.push(chunk);
    reader.advance();
    reader.advance();
    expect(reader.bytes.length).toBe(0);
    chunk.fill(0xff); // its owner may use it again
    reader.push(wire`0007`);
    expect(reader.advance()).toBe(true);
    expect(reader.packet()).toEqual({ type: PacketType.PUBACK, packetId: 7 });
  });

  it("keeps the payload of a spanning packet true when later ones span too", () => {
    const sent = Array.from({ length: 60 }, (_, index) => publish(index * 50, `t/${index}`));
    const reader = new PacketReader();
    const found: Packet[] = [];
    for (const chunk of cut(concat(sent.map(encode)), [97])) {
      reader.push(chunk);
      while (reader.advance()) found.push(reader.packet());
      chunk.fill(0);
    }
    expect(found.map((packet) => (packet as Publish).topicName)).toEqual(
      sent.map(({ topicName }) => topicName),
    );
    const spanning = found.filter((_, index) => index > 2) as Publish[];
    for (const packet of spanning) {
      if (packet.payload.length < 97) continue; // may lie in one chunk, which is gone
      expect(packet.payload).toEqual(publish(packet.payload.length).payload);
    }
  });
});

describe("a packet that spans chunks", () => {
  const chunks = [...cut(encode(publish(50)), [30]), ...cut(encode(publish(60)), [40])];

  function read(withObjects: boolean) {
    const reader = new PacketReader();
    const found: { packet: Packet | undefined; bytes: Uint8Array; start: number }[] = [];
    for (const chunk of chunks) {
      reader.push(chunk);
      while (reader.advance()) {
        const packet = withObjects ? reader.packet() : undefined;
        found.push({ packet, bytes: reader.bytes, start: reader.start });
      }
    }
    return found;
  }

  it("leaves its place to the next one when nobody asked for an object", () => {
    const [first, second] = read(false);
    expect(second?.bytes).toBe(first?.bytes);
    expect(second?.start).toBe(first?.start);
  });

  it("keeps its place for ever when an object was made of it", () => {
    const [first, second] = read(true);
    expect(first?.packet).toEqual(publish(50));
    expect(second?.packet).toEqual(publish(60));
  });

  it("keeps its place for ever when it holds a password", () => {
    const reader = new PacketReader();
    const bytes = wire`10 13  0004 4d515454 04 c2 003c  0001 61  0001 62  0003 010203`;
    bytes[1] = bytes.length - 2;
    for (const chunk of cut(bytes, [9])) reader.push(chunk);
    reader.advance();
    const packet = reader.packet() as Connect;
    for (const chunk of chunks) reader.push(chunk);
    while (reader.advance());
    expect(packet.password).toEqual(Uint8Array.of(1, 2, 3));
  });

  it("leaves the place of a packet in pieces alone while another reader reads", () => {
    const readers = [new PacketReader(), new PacketReader(), new PacketReader()];
    const sent = readers.map((_, index) => publish(100, `reader/${index}`));
    const pieces = sent.map((packet) => cut(encode(packet), [13]));
    for (let round = 0; round < 10; round++) {
      readers.forEach((reader, index) => {
        const piece = pieces[index]?.[round];
        if (piece === undefined) return;
        reader.push(piece);
        if (!reader.advance()) return;
        const { bytes, topicAt, topicEnd, payloadAt, end } = reader;
        expect(utf8Decode(bytes, topicAt, topicEnd)).toBe(`reader/${index}`);
        expect(bytes.slice(payloadAt, end)).toEqual(sent[index]?.payload);
      });
    }
  });
});

describe("what is left of a chunk that its owner writes over", () => {
  it.each([
    ["a Uint8Array", (bytes: Uint8Array) => new Uint8Array(bytes)],
    ["a Buffer, whose slices are views", (bytes: Uint8Array) => Buffer.from(bytes)],
  ])("[T1] is kept as it was: %s", (_, make) => {
    const reader = new PacketReader();
    const chunk = make(wire`c0 00  40 02 0007  d0 00`);
    reader.push(chunk);
    expect(reader.advance()).toBe(true);
    reader.keepTail();
    chunk.fill(0xff);
    expect([reader.advance(), reader.packetId]).toEqual([true, 7]);
    expect([reader.advance(), reader.advance()]).toEqual([true, false]);
  });
});

describe("after a violation", () => {
  it("[A11] [A22] says so ever after and reads nothing more", () => {
    const reader = new PacketReader();
    reader.push(wire`c0 00  c1 00  c0 00`);
    reader.push(wire`c0 00`);
    expect(reader.advance()).toBe(true);
    expect(() => reader.advance()).toThrow(expect.objectContaining({ code: "reserved-flags" }));
    const failed = expect.objectContaining({ code: "stream-failed", at: -1 });
    expect(() => reader.advance()).toThrow(failed);
    expect(() => reader.push(wire`c0 00`)).toThrow(failed);
    expect(() => reader.packet()).toThrow(UsageError);
    expect(reader.bufferedBytes).toBe(0);
    expect(reader.bytes.length).toBe(0);
    expect(reader.type).toBe(0);
  });

  it("says the same when what was received is discarded, and holds nothing more", () => {
    const reader = new PacketReader();
    reader.push(wire`c0 00  c0 00`);
    reader.push(wire`c0 00`);
    reader.advance();
    reader.discard();
    expect([reader.hasUnread, reader.bufferedBytes, reader.bytes.length]).toEqual([false, 0, 0]);
    const failed = expect.objectContaining({ code: "stream-failed" });
    expect(() => reader.advance()).toThrow(failed);
    expect(() => reader.push(wire`c0 00`)).toThrow(failed);
  });

  it("tells the offset within the packet, not the chunk", () => {
    expect(verdict(wire`c0 00  30 05 0003 612b62`)).toBe("wildcard-in-topic-name @5");
    expect(verdict(wire`40 02 0001  20 02 0400`)).toBe("reserved-connack-flags @2");
  });
});
