import { describe, expect, it } from "vitest";
import {
  encode,
  PacketReader,
  PacketStream,
  PacketType,
  type Publish,
  UsageError,
} from "../../src/codec/index.js";
import { concat, cut } from "../support/arbitraries.js";

const publish: Publish = {
  type: PacketType.PUBLISH,
  dup: true,
  qos: 2,
  retain: true,
  topicName: "a/b",
  packetId: 7,
  payload: Uint8Array.of(1, 2, 3),
};
const chunk = encode(publish);
const packetsOf = (...payloads: readonly Uint8Array[]): Uint8Array[] =>
  payloads.map((payload) => encode({ ...publish, payload }));

/** Moved to the first packet of the last chunk, of earlier ones nothing being left over. */
function readerAt(...chunks: readonly Uint8Array[]): PacketReader {
  const reader = new PacketReader({ lazyPayload: true });
  for (const each of chunks) {
    reader.push(each);
    reader.advance();
  }
  return reader;
}

describe("a PUBLISH with a lazy payload", () => {
  it("has all fields of a plain one", () => {
    const { type, dup, qos, retain, topicName, packetId, payload } = readerAt(
      chunk,
    ).packet() as Publish;
    expect({ type, dup, qos, retain, topicName, packetId, payload }).toEqual(publish);
  });

  it("makes its payload once, a view of the chunk", () => {
    const packet = readerAt(chunk).packet() as Publish;
    expect(packet.payload).toBe(packet.payload);
    expect(packet.payload.buffer).toBe(chunk.buffer);
  });

  it("is complete in JSON", () => {
    expect(JSON.parse(JSON.stringify(readerAt(chunk).packet()))).toEqual(
      JSON.parse(JSON.stringify(publish)),
    );
  });

  it("can be encoded again", () => {
    expect(encode(readerAt(chunk).packet())).toEqual(chunk);
  });

  it("reads the same packets from a chunk that is read through a view", () => {
    const stream = new PacketStream({ lazyPayload: true });
    stream.push(concat(new Array<Uint8Array>(30).fill(chunk)));
    for (let index = 0; index < 30; index++) {
      expect((stream.next() as Publish & { toJSON(): Publish }).toJSON()).toEqual(publish);
    }
    expect(stream.next()).toBeUndefined();
  });
});

describe("a lazy payload that is asked for", () => {
  const other = encode({ ...publish, payload: Uint8Array.of(4) });

  it.each<[string, (reader: PacketReader) => void]>([
    ["the next PUBLISH", (reader) => reader.advance()],
    ["another packet", (reader) => [reader.advance(), reader.advance()]],
    [
      "all packets",
      (reader) => {
        while (reader.advance());
      },
    ],
    [
      "a violation",
      (reader) => {
        reader.push(Uint8Array.of(0, 0));
        expect(() => {
          while (reader.advance());
        }).toThrow(/reserved-packet-type|do not exist/);
      },
    ],
  ])("after %s was read is refused, and says when to ask", (_what, read) => {
    const reader = readerAt(concat([chunk, other, encode({ type: PacketType.PINGREQ })]));
    const packet = reader.packet() as Publish;
    read(reader);
    for (let round = 0; round < 2; round++) {
      expect(() => packet.payload).toThrow(UsageError);
      expect(() => packet.payload).toThrow(/^lazyPayload: ask for payload before the next packet/);
    }
  });

  it("after the reader found nothing more is refused too", () => {
    const reader = readerAt(chunk);
    const packet = reader.packet() as Publish;
    expect(reader.advance()).toBe(false);
    expect(() => packet.payload).toThrow(/^lazyPayload: ask for payload before the next packet/);
  });

  it("is made once also where the count of packets begins anew", () => {
    const reader = new PacketReader({ lazyPayload: true });
    reader.serial = 0x3fffffff;
    reader.push(chunk);
    reader.advance();
    expect(reader.serial).toBe(0);
    const packet = reader.packet() as Publish;
    expect(packet.payload).toEqual(publish.payload);
    expect(packet.payload).toBe(packet.payload);
  });

  it("after the next chunk was pushed is the right one", () => {
    const reader = readerAt(chunk);
    const packet = reader.packet() as Publish;
    reader.push(other);
    expect(packet.payload).toEqual(publish.payload);
  });

  it("in time stays what it was, whatever is read behind it", () => {
    const payloads = Array.from({ length: 40 }, (_, index) => new Uint8Array(60).fill(index));
    const stream = new PacketStream({ lazyPayload: true });
    const found: Publish[] = [];
    for (const piece of cut(concat(packetsOf(...payloads)), [50])) {
      stream.push(piece.slice());
      for (let packet = stream.next(); packet !== undefined; packet = stream.next()) {
        found.push(packet as Publish);
        expect((packet as Publish).payload).toEqual(payloads[found.length - 1]);
      }
    }
    expect(found.map(({ payload }) => payload)).toEqual(payloads);
  });
});

describe("the place of a packet that spanned chunks", () => {
  const [first, second] = packetsOf(new Uint8Array(60).fill(1), new Uint8Array(60).fill(2)).map(
    (bytes) => cut(bytes, [50]),
  ) as [Uint8Array[], Uint8Array[]];

  function read(onFirst: (packet: Publish) => void) {
    const reader = readerAt(...first);
    const { bytes, start } = reader;
    const packet = reader.packet() as Publish;
    onFirst(packet);
    for (const piece of second) {
      reader.advance();
      reader.push(piece);
      reader.advance();
    }
    return { packet, isSamePlace: reader.bytes === bytes && reader.start === start };
  }

  it("serves the next one too when no payload was asked for", () => {
    expect(read(() => {}).isSamePlace).toBe(true);
  });

  it("is kept for ever when a payload was asked for", () => {
    const { packet, isSamePlace } = read(({ payload }) => expect(payload[0]).toBe(1));
    expect(isSamePlace).toBe(false);
    expect(packet.payload).toEqual(new Uint8Array(60).fill(1));
  });
});
