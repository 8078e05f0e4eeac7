import { describe, expect, it } from "vitest";
import {
  encode,
  type Packet,
  PacketReader,
  type PacketReaderOptions,
  PacketType,
  type Publish,
  UsageError,
} from "../../src/codec/index.js";
import { hashBytes } from "../../src/codec/raw.js";
import { concat, cut } from "../support/arbitraries.js";
import { wire } from "../support/wire.js";
import { publish, readPackets, verdict } from "./reading.js";

const connect = wire`10 0c  0004 4d515454 04 02 003c  0000`;

function readerAt(chunk: Uint8Array, options?: PacketReaderOptions): PacketReader {
  const reader = new PacketReader(options);
  reader.push(chunk);
  reader.advance();
  return reader;
}

/** Two Topic Names of one length, with the same hash. */
function twoWithOneHash(): [string, string] {
  const encoder = new TextEncoder();
  const found = new Map<number, string>();
  for (let index = 1_000_000; ; index++) {
    const topicName = `same/${index}`;
    const hash = hashBytes(encoder.encode(topicName), 0, topicName.length);
    const before = found.get(hash);
    if (before !== undefined) return [before, topicName];
    found.set(hash, topicName);
  }
}

describe("a packet in place", () => {
  it("lies in the chunk itself, all of its offsets named", () => {
    const chunk = concat([wire`c0 00`, encode(publish(3))]);
    const reader = new PacketReader();
    reader.push(chunk);
    reader.advance();
    expect(reader.advance()).toBe(true);
    const { type, flags, bytes, start, bodyAt, end } = reader;
    expect({ type, flags, start, bodyAt, end }).toEqual({
      type: PacketType.PUBLISH,
      flags: 0x03,
      start: 2,
      bodyAt: 4,
      end: chunk.length,
    });
    expect(bytes).toBe(chunk);
    const { dup, qos, retain, topicAt, topicEnd, payloadAt, packetId } = reader;
    expect({ dup, qos, retain, topicAt, topicEnd, payloadAt, packetId }).toEqual({
      dup: false,
      qos: 1,
      retain: true,
      topicAt: 6,
      topicEnd: 9,
      payloadAt: 11,
      packetId: 0x0102,
    });
  });

  it("has the hash of its Topic Name, with and without a view, in one chunk or several", () => {
    for (const length of [1, 2, 3, 4, 5, 7, 8, 9, 30, 64, 65, 300]) {
      const topicName = "0123456789/é".repeat(40).slice(0, length);
      const bytes = encode({ ...publish(1), topicName });
      for (const chunks of [[bytes], cut(bytes, [2]), [concat(new Array(20).fill(bytes))]]) {
        const reader = new PacketReader();
        for (const chunk of chunks) reader.push(chunk);
        while (reader.advance()) {
          const topic = new TextEncoder().encode(topicName);
          expect(reader.topicHash).toBe(hashBytes(topic, 0, topic.length));
        }
      }
    }
  });

  it("has a view of the chunk where several packets share it", () => {
    const one = encode(publish(3));
    const reader = new PacketReader();
    reader.push(one);
    reader.advance();
    expect(reader.view).toBeUndefined();
    const chunk = concat(new Array(50).fill(one)).subarray(one.length);
    reader.push(chunk);
    reader.advance();
    expect(reader.view?.byteOffset).toBe(chunk.byteOffset);
    expect(reader.view?.byteLength).toBe(chunk.byteLength);
    expect(reader.view?.getUint8(reader.topicAt)).toBe(0x61);
  });

  it("makes plain views of where the packet lies: in a chunk, or put together of two", () => {
    const packet = wire`30 07 0001 61 01020304`;
    const chunk = Buffer.from(concat([packet, packet, packet])).subarray(packet.length, -2);
    const reader = new PacketReader();
    reader.push(chunk);
    for (const whole of [true, true]) {
      expect(reader.advance()).toBe(whole);
      for (let count = 0; count < 2; count++) {
        const view = reader.viewOf(reader.payloadAt, reader.end - 1);
        expect(view).toEqual(Uint8Array.of(1, 2, 3)); // no Buffer: toEqual tells them apart
        expect(view.buffer).toBe(reader.bytes.buffer);
      }
      reader.push(packet.subarray(-2));
    }
    expect(reader.bytes.buffer).not.toBe(chunk.buffer);
  });

  it("makes views of the chunk behind a packet that was put together of two", () => {
    const packet = wire`30 07 0001 61 01020304`;
    const chunk = concat([packet.subarray(4), packet]);
    const reader = readerAt(packet.subarray(0, 4));
    reader.push(chunk);
    for (const isChunk of [false, true]) {
      expect(reader.advance()).toBe(true);
      const payload = reader.viewOf(reader.payloadAt, reader.end);
      expect(payload).toEqual(Uint8Array.of(1, 2, 3, 4));
      expect(payload.buffer === chunk.buffer).toBe(isChunk);
    }
  });

  it("is read through a view of its own chunk, where the one before was put together of two", () => {
    const packet = encode(publish(0, "a/b/c/d"));
    const reader = readerAt(packet.subarray(0, 5));
    // So large that it pays to make a view wherever the first packet was put together.
    reader.push(concat([packet.subarray(5), ...new Array<Uint8Array>(2000).fill(packet)]));
    const hashes = new Map<number, number>();
    while (reader.advance()) {
      hashes.set(reader.topicHash, (hashes.get(reader.topicHash) ?? 0) + 1);
    }
    expect([...hashes.values()]).toEqual([2001]);
  });

  it("has packetId 0 where there is none", () => {
    const reader = new PacketReader();
    reader.push(concat([wire`40 02 0007  c0 00  40 02 0007  20 02 0000  40 02 0007`, connect]));
    const ids: number[] = [];
    while (reader.advance()) ids.push(reader.packetId);
    expect(ids).toEqual([7, 0, 7, 0, 7, 0]);
  });

  it("has the packetId of SUBSCRIBE, SUBACK and UNSUBSCRIBE", () => {
    const reader = new PacketReader();
    reader.push(wire`82 06 0007 0001 61 00  90 03 0008 00  a2 05 0009 0001 61`);
    const ids: number[] = [];
    while (reader.advance()) ids.push(reader.packetId);
    expect(ids).toEqual([7, 8, 9]);
  });

  it("gives the same object again for a packet that was decoded once", () => {
    const reader = new PacketReader();
    reader.push(connect);
    reader.advance();
    expect(reader.packet()).toBe(reader.packet());
  });

  it("has no object before the first packet and behind the last", () => {
    const reader = new PacketReader();
    expect(() => reader.packet()).toThrow(UsageError);
    reader.push(wire`c0 00`);
    reader.advance();
    reader.advance();
    expect(reader.type).toBe(0);
    expect(() => reader.packet()).toThrow(/there is no packet/);
  });
});

describe("the Topic Name of an object", () => {
  const [name, other] = twoWithOneHash();
  const subscribe: Packet = {
    type: PacketType.SUBSCRIBE,
    packetId: 1,
    requests: [{ topicFilter: other, requestedQos: 0 }],
  };

  it.each<[string, () => void]>([
    ["another reader has read a PUBLISH", () => readPackets(encode(publish(1, other)))],
    ["another reader has moved to a PUBLISH", () => void readerAt(encode(publish(1, other)))],
    ["another reader has read a SUBSCRIBE", () => readPackets(encode(subscribe))],
    ["a PUBLISH has been encoded", () => encode(publish(1, other))],
    ["nothing happened", () => {}],
  ])("[C15] is its own when %s, with the same hash, before it is asked for", (_what, between) => {
    for (let round = 0; round < 2; round++) {
      for (const lazyPayload of [false, true]) {
        readPackets(encode(publish(1, other))); // so that the other one is remembered
        const reader = readerAt(encode(publish(1, name)), { lazyPayload });
        between();
        expect((reader.packet() as Publish).topicName).toBe(name);
      }
    }
  });

  it("[C15] is its own when the next chunk is pushed before it is asked for", () => {
    for (const lazyPayload of [false, true]) {
      const reader = readerAt(encode(publish(1, other)), { lazyPayload });
      reader.packet(); // remembered, and its words loaded by this reader
      reader.advance();
      reader.push(concat(new Array(20).fill(encode(publish(1, name)))));
      for (let left = 20; left > 0; left--) reader.advance();
      reader.push(encode(publish(1, other)));
      expect((reader.packet() as Publish).topicName).toBe(name);
    }
  });
});

describe("the fixed header", () => {
  it("[A14] lets two of all 256 first bytes pass with length 0", () => {
    const passed = Array.from({ length: 256 }, (_, first) => first).filter(
      (first) => verdict(Uint8Array.of(first, 0), { sender: "client" }) === "reads",
    );
    expect(passed).toEqual([0xc0, 0xe0]);
  });

  it("[A02] refuses the types 0 and 15 at once", () => {
    for (let flags = 0; flags < 16; flags++) {
      expect(verdict(Uint8Array.of(flags))).toBe("reserved-packet-type @0");
      expect(verdict(Uint8Array.of(0xf0 | flags))).toBe("reserved-packet-type @0");
    }
  });

  it.each([
    ["30 ff ff ff ff 01", wire`30 ff ff ff ff 01`],
    ["c0 80 80 80 80 00", wire`c0 80 80 80 80 00`],
    ["its fourth length byte", wire`c0 80 80 80 80`],
  ])("[A04] refuses a length of five bytes at %s", (_, bytes) => {
    expect(verdict(bytes)).toBe("malformed-remaining-length @4");
  });

  it.each([
    ["c0 80 00", wire`c0 80 00`, 2],
    ["c0 80 80 00", wire`c0 80 80 00`, 3],
    ["c0 80 80 80 00", wire`c0 80 80 80 00`, 4],
    ["40 82 00 0007", wire`40 82 00 0007`, 2],
    ["30 85 80 00 0003 616263", wire`30 85 80 00 0003 616263`, 3],
  ])("[M10] [A05] takes or refuses the padded length %s, as told", (_, bytes, at) => {
    expect(verdict(bytes)).toBe("reads");
    expect(verdict(bytes, { paddedLength: "accept" })).toBe("reads");
    expect(verdict(bytes, { paddedLength: "refuse" })).toBe(`padded-remaining-length @${at}`);
  });

  it("takes lengths in their shortest form where padding is refused", () => {
    for (const length of [0, 127, 128, 129, 16_384, 2_097_152]) {
      const bytes = encode(publish(length));
      expect(readPackets(bytes, { paddedLength: "refuse" }).length).toBe(1);
    }
  });

  it("[M23] [A06] [A07] refuses a packet over the limit as soon as its length is known", () => {
    const limit = { packetBytesMax: 1024 };
    expect(verdict(wire`30 ff ff ff 7f`, limit)).toBe("packet-too-large @1");
    expect(verdict(wire`30 fe 07`, limit)).toBe("packet-too-large @1");
    expect(verdict(wire`30 fd 07`, limit)).toBe("waits");
    const fitting = encode(publish(1024 - 10));
    expect(fitting.length).toBe(1024);
    expect(verdict(fitting, limit)).toBe("reads");
    expect(verdict(encode(publish(1024 - 9)), limit)).toBe("packet-too-large @1");
  });

  it("[M23] says how large the packet is", () => {
    const reader = new PacketReader({ packetBytesMax: 1024 });
    reader.push(wire`30 fe 07`);
    expect(() => reader.advance()).toThrow(expect.objectContaining({ value: 1025 }));
  });

  it("[M23] waits for the largest packet there is, with no limit set", () => {
    expect(verdict(wire`30 ff ff ff 7f 0001 61`)).toBe("waits");
  });

  it("[M19] has a limit that can be raised between packets", () => {
    const reader = new PacketReader({ packetBytesMax: 20 });
    reader.push(connect);
    expect(reader.advance()).toBe(true);
    reader.packetBytesMax = 1000;
    reader.push(encode(publish(500)));
    expect(reader.advance()).toBe(true);
    reader.packetBytesMax = 100;
    reader.push(encode(publish(500)));
    expect(() => reader.advance()).toThrow(expect.objectContaining({ code: "packet-too-large" }));
  });

  it.each([
    ["c0 00", wire`c0 00`],
    ["a PUBLISH", wire`30`],
    ["e0 00", wire`e0 00`],
    ["type 0", wire`00`],
    ["[A03] GET / HTTP/1.1", wire`${"GET / HTTP/1.1"}`],
  ])("[MQTT-3.1.0-1] [A01] refuses a stream that begins with %s", (_, bytes) => {
    expect(verdict(bytes, { firstPacketConnect: true })).toBe("first-packet-not-connect @0");
  });

  it("[A03] refuses a TLS hello at its first byte, a CONNECT with flags", () => {
    expect(verdict(wire`16`, { firstPacketConnect: true })).toBe("reserved-flags @0");
  });

  it("[MQTT-3.1.0-1] takes everything behind the CONNECT", () => {
    const options = { firstPacketConnect: true, sender: "client" } as const;
    const packets = readPackets(concat([connect, wire`c0 00  e0 00`]), options);
    expect(packets.map(({ type }) => type)).toEqual([1, 12, 14]);
    expect(verdict(wire`11 0c  0004 4d515454 04 02 003c  0000`, options)).toBe("reserved-flags @0");
    expect(verdict(concat([connect, wire`11`]), options)).toBe("reserved-flags @0");
  });

  it.each([
    ["CONNACK", 0x20],
    ["SUBACK", 0x90],
    ["UNSUBACK", 0xb0],
    ["PINGRESP", 0xd0],
  ])("[A20] refuses %s from a Client at once, and takes it from a Server", (_, first) => {
    expect(verdict(Uint8Array.of(first), { sender: "client" })).toBe("wrong-direction @0");
    expect(verdict(Uint8Array.of(first), { sender: "server" })).toBe("waits");
    expect(verdict(Uint8Array.of(first))).toBe("waits");
  });

  it.each([
    ["CONNECT", 0x10],
    ["SUBSCRIBE", 0x82],
    ["UNSUBSCRIBE", 0xa2],
    ["PINGREQ", 0xc0],
    ["DISCONNECT", 0xe0],
  ])("refuses %s from a Server at once, and takes it from a Client", (_, first) => {
    expect(verdict(Uint8Array.of(first), { sender: "server" })).toBe("wrong-direction @0");
    expect(verdict(Uint8Array.of(first), { sender: "client" })).toBe("waits");
  });
});

describe("[M27] the flags of a packet on a stream of MQTT 3.1", () => {
  const oldConnect = wire`10 0e  0006 4d5149736470 03 02 003c  0000`;
  const flagged: readonly (readonly [string, Uint8Array])[] = [
    ["PUBACK 42", wire`42 02 0001`],
    ["PUBREC 5a", wire`5a 02 0001`],
    ["PUBREL 6a, with DUP", wire`6a 02 0007`],
    ["PUBREL 60, without its fixed flags", wire`60 02 0007`],
    ["PUBCOMP 71", wire`71 02 0001`],
    ["SUBSCRIBE 8a, with DUP", wire`8a 06 0001 0001 61 00`],
    ["SUBSCRIBE 80", wire`80 06 0001 0001 61 00`],
    ["UNSUBSCRIBE aa, with DUP", wire`aa 05 0001 0001 61`],
    ["PINGREQ c2", wire`c2 00`],
    ["DISCONNECT ef", wire`ef 00`],
  ];
  const server = { sender: "client", firstPacketConnect: true } as const;

  it.each(flagged)("are read past behind the CONNECT of 3.1: %s", (_, packet) => {
    for (const options of [{}, server]) {
      const stream = concat([oldConnect, packet]);
      const read = readPackets(stream, options)[1];
      expect(read?.type).toBe((packet[0] as number) >> 4);
      expect(verdict(stream, options)).toBe("reads");
    }
  });

  it.each(flagged)(
    "[MQTT-2.2.2-2] are refused at level 4, and where no CONNECT came: %s",
    (_, packet) => {
      expect(verdict(packet)).toBe("reserved-flags @0");
      expect(verdict(packet, { protocolLevel: 4 })).toBe("reserved-flags @0");
      expect(verdict(concat([oldConnect, packet]), { protocolLevel: 4 })).toBe("reserved-flags @0");
      for (const options of [{}, server]) {
        expect(verdict(concat([connect, packet]), options)).toBe("reserved-flags @0");
      }
    },
  );

  it.each([
    ["CONNACK", wire`22 02 00 00`],
    ["SUBACK", wire`98 03 0001 00`],
    ["UNSUBACK", wire`b8 02 0001`],
    ["PINGRESP", wire`d1 00`],
    ["PUBREL", wire`6a 02 0001`],
  ])("are read past from a Server where the option says so: %s", (_, packet) => {
    expect(verdict(packet, { sender: "server", protocolLevel: 3 })).toBe("reads");
    expect(verdict(packet, { sender: "server" })).toBe("reserved-flags @0");
  });

  it("count in PUBLISH as ever", () => {
    expect(verdict(concat([oldConnect, wire`36`]))).toBe("qos-3 @0");
    expect(verdict(concat([oldConnect, wire`38`]))).toBe("dup-at-qos-0 @0");
    expect(verdict(concat([oldConnect, wire`3c 05 0001 61 0001`]))).toBe("reads");
  });

  it("follow the last CONNECT of the stream", () => {
    expect(verdict(concat([oldConnect, connect, wire`c2 00`]))).toBe("reserved-flags @0");
    expect(verdict(concat([oldConnect, wire`c2 00`, oldConnect, wire`c2 00`]))).toBe("reads");
    const subscribe = wire`82 06 0001 0001 61 00`;
    expect(verdict(concat([oldConnect, subscribe, wire`c2 00`]))).toBe("reads");
    const always = { protocolLevel: 3 } as const;
    expect(verdict(concat([connect, wire`c2 00`]), always)).toBe("reads");
  });
});

describe("[M27] a CONNECT of MQTT 3.1 with Connect Flag 0", () => {
  const flagged = wire`10 0e  0006 4d5149736470 03 03 003c  0000`;

  it("is read by the rules of 3.1 where it comes first, or behind its like", () => {
    expect(verdict(flagged)).toBe("reads");
    expect(verdict(concat([flagged, flagged]))).toBe("reads");
  });

  it("[MQTT-3.1.2-3] is refused behind a CONNECT of level 4, and where level 4 alone is read", () => {
    expect(verdict(concat([connect, flagged]))).toBe("connect-reserved-flag @11");
    const only = { protocolLevel: 4, firstPacketConnect: true } as const;
    expect(verdict(flagged, only)).toBe("connect-reserved-flag @11");
  });
});

describe("each valid packet", () => {
  const packets: [string, Uint8Array][] = [
    ["CONNECT", connect],
    ["CONNACK", wire`20 02 0100`],
    ["PUBLISH", encode(publish(20))],
    ["PUBACK", wire`40 02 0007`],
    ["PUBREC", wire`50 02 0007`],
    ["PUBREL", wire`62 02 0007`],
    ["PUBCOMP", wire`70 02 0007`],
    ["SUBSCRIBE", wire`82 0a  0007  0001 61 00  0001 62 01`],
    ["SUBACK", wire`90 04 0007 0001`],
    ["UNSUBSCRIBE", wire`a2 08  0007  0001 61  0001 62`],
    ["UNSUBACK", wire`b0 02 0007`],
    ["PINGREQ", wire`c0 00`],
    ["PINGRESP", wire`d0 00`],
    ["DISCONNECT", wire`e0 00`],
  ];

  it.each(packets)("[A09] [A10] cut at any place is waited for: %s", (_, bytes) => {
    for (let length = 1; length < bytes.length; length++) {
      expect(verdict(bytes.slice(0, length))).toBe("waits");
    }
  });

  it.each(packets)(
    "[A11] with its length one too small is refused or leaves garbage: %s",
    (_, bytes) => {
      if (bytes[1] === 0) return;
      const shorter = bytes.slice();
      shorter[1] = (shorter[1] as number) - 1;
      if (bytes[0] === 0x33) {
        // PUBLISH: its payload is one byte shorter; that byte is no packet's first byte here.
        expect(verdict(shorter, { protocolLevel: 4 })).toBe("reserved-flags @0");
      } else {
        expect(verdict(shorter)).not.toBe("reads");
      }
    },
  );

  it.each(packets)(
    "[A11] with its length one too large never takes the next packet's byte: %s",
    (_, bytes) => {
      const longer = concat([bytes, wire`c0 00`]);
      longer[1] = (longer[1] as number) + 1;
      if (bytes[0] === 0x33) {
        expect(verdict(longer)).toBe("reserved-packet-type @0"); // the payload took the c0
      } else {
        expect(verdict(longer)).toMatch(/^(trailing-bytes|truncated|reserved-suback-code) @/);
      }
    },
  );
});
