import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex, wire } from "../../../test/support/wire.js";
import { PacketScanner } from "../src/packet-scanner.js";

/** What a scanner finds in chunks, each packet as `header | body`. */
function scanned(chunks: readonly Uint8Array[]): string[] {
  const scanner = new PacketScanner();
  const found: string[] = [];
  const shared = new Uint8Array(100_000); // one buffer for all chunks, as the sockets have it
  for (const chunk of chunks) {
    shared.set(chunk);
    scanner.scan(shared, chunk.length, {
      packet: (bytes, at, bodyAt, end) =>
        found.push(`${hex(bytes.subarray(at, bodyAt))} | ${hex(bytes.subarray(bodyAt, end))}`),
    });
  }
  return found;
}

function packetOf(bodyBytes: number): Uint8Array {
  const length: number[] = [];
  let rest = bodyBytes;
  do {
    length.push((rest % 128) + (rest > 127 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Uint8Array.from([0x30, ...length, ...new Uint8Array(bodyBytes).fill(bodyBytes)]);
}

describe("the packet scanner", () => {
  it("finds packets side by side in one chunk", () => {
    expect(scanned([wire`40 02 0001  d0 00  40 02 0002`])).toEqual([
      "40 02 | 00 01",
      "d0 00 | ",
      "40 02 | 00 02",
    ]);
  });

  it("finds the same packets however the stream is cut", () => {
    const bodies = fc.array(fc.constantFrom(0, 1, 2, 126, 127, 128, 300, 16_383, 16_384), {
      minLength: 1,
      maxLength: 6,
    });
    const cuts = fc.array(fc.nat({ max: 70_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(bodies, cuts, (lengths, places) => {
        const packets = lengths.map(packetOf);
        const stream = Uint8Array.from(packets.flatMap((packet) => [...packet]));
        const at = [0, ...places.map((place) => place % stream.length), stream.length].toSorted(
          (a, b) => a - b,
        );
        const chunks = at.slice(1).map((to, index) => stream.subarray(at[index], to));
        expect(scanned(chunks)).toEqual(scanned(packets));
        expect(scanned(chunks)).toHaveLength(packets.length);
      }),
    );
  });

  it("finds a packet that comes byte by byte", () => {
    const packet = packetOf(200);
    const bytes = Array.from(packet, (byte) => Uint8Array.of(byte));
    expect(scanned(bytes)).toEqual(scanned([packet]));
  });

  it("[§2.2.3] refuses a Remaining Length of five bytes, in one chunk or in two", () => {
    const malformed = wire`30 ffffffff 01`;
    expect(() => scanned([malformed])).toThrow("Remaining Length has more than four bytes");
    expect(() => scanned([malformed.subarray(0, 3), malformed.subarray(3)])).toThrow(
      "Remaining Length has more than four bytes",
    );
  });
});
