import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encode,
  encodedLength,
  encodeInto,
  type Packet,
  PacketReader,
  PacketStream,
  ProtocolError,
} from "../../src/codec/index.js";
import { chunkSizes, concat, cut, packet, publish } from "../support/arbitraries.js";
import { roundsOf } from "../support/quick.js";

/** What a reader makes of chunks: the packets, and the code it stopped with, if any. */
function readAll(chunks: readonly Uint8Array[]): { packets: Packet[]; code: string | undefined } {
  const stream = new PacketStream();
  const packets: Packet[] = [];
  try {
    for (const chunk of chunks) {
      stream.push(chunk);
      for (let next = stream.next(); next !== undefined; next = stream.next()) packets.push(next);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { packets, code: `${error.code} at ${error.at}` };
  }
  return { packets, code: undefined };
}

describe("reading what was written", () => {
  test("gives the packet back", () => {
    fc.assert(
      fc.property(packet, (sent) => {
        const bytes = encode(sent);
        expect(bytes.length).toBe(encodedLength(sent));
        expect(readAll([bytes])).toEqual({ packets: [sent], code: undefined });
      }),
      { numRuns: roundsOf(1000) },
    );
  });

  test("gives the packet back from the middle of a slab, and touches nothing else", () => {
    fc.assert(
      fc.property(packet, fc.nat(40), (sent, offset) => {
        const length = encodedLength(sent);
        const slab = new Uint8Array(offset + length + 9).fill(0xee);
        expect(encodeInto(sent, slab, offset)).toBe(offset + length);
        expect(slab.subarray(0, offset).every((byte) => byte === 0xee)).toBe(true);
        expect(slab.subarray(offset + length).every((byte) => byte === 0xee)).toBe(true);
        expect(slab.slice(offset, offset + length)).toEqual(encode(sent));
      }),
    );
  });

  test("[MQTT-6.0.0-2] [A12] gives the same packets however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 12 }), chunkSizes, (sent, sizes) => {
        const chunks = cut(concat(sent.map(encode)), sizes);
        expect(readAll(chunks)).toEqual({ packets: sent, code: undefined });
      }),
      { numRuns: roundsOf(500) },
    );
  });
});

describe("reading anything", () => {
  test("[A21] throws nothing but ProtocolError, and the same one however the stream is cut", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), chunkSizes, (bytes, sizes) => {
        expect(readAll(cut(bytes, sizes))).toEqual(readAll([bytes]));
      }),
      { numRuns: roundsOf(2000) },
    );
  });

  test("[A21] the same for a valid stream with a few bytes changed", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(packet, { minLength: 1, maxLength: 4 }),
        changes,
        chunkSizes,
        (sent, edits, sizes) => {
          const bytes = concat(sent.map(encode));
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
          expect(readAll(cut(bytes, sizes))).toEqual(readAll([bytes]));
        },
      ),
      { numRuns: roundsOf(2000) },
    );
  });

  test("[A09] a packet that is cut off is never returned", () => {
    fc.assert(
      fc.property(packet, (sent) => {
        const bytes = encode(sent);
        for (let length = 0; length < bytes.length; length++) {
          expect(readAll([bytes.slice(0, length)])).toEqual({ packets: [], code: undefined });
        }
      }),
    );
  });

  test("whatever it lets pass, the encoder writes back to the same meaning", () => {
    fc.assert(
      fc.property(packet, fc.nat(), fc.nat(255), (sent, at, byte) => {
        const bytes = encode(sent);
        bytes[at % bytes.length] = byte;
        for (const found of readAll([bytes]).packets) {
          expect(readAll([encode(found)]).packets).toEqual([found]);
        }
      }),
      { numRuns: roundsOf(2000) },
    );
  });
});

describe("bounds", () => {
  test("[A08] never holds more than twice what was received, and 2 KiB", () => {
    fc.assert(
      fc.property(publish, fc.integer({ min: 1, max: 400 }), (sent, size) => {
        const bytes = encode({ ...sent, payload: new Uint8Array(10_000) });
        const reader = new PacketReader();
        let received = 0;
        for (const chunk of cut(bytes, [size])) {
          reader.push(chunk);
          received += chunk.length;
          const whole = reader.advance();
          expect(reader.bufferedBytes).toBe(whole ? 0 : received);
          if (whole) expect(reader.bytes.length).toBeLessThanOrEqual(8192 + 2 * received);
        }
        expect(received).toBe(bytes.length);
      }),
      { numRuns: 30 },
    );
  });
});
