import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { encode, type PacketReaderOptions } from "../../src/codec/index.js";
import { chunkSizes, concat, packet } from "../support/arbitraries.js";
import { roundsOf } from "../support/quick.js";
import { readCorpus, saveInput, shrink } from "./corpus.js";
import { decodeStream, type Outcome } from "./decoder.js";
import { nearMiss } from "./near-misses.js";
import { decodeWith, findFault } from "./oracle.js";

const corpus = join(import.meta.dirname, "corpus");

/** Every option, each off as often as on. */
const options: fc.Arbitrary<PacketReaderOptions> = fc.record(
  {
    packetBytesMax: fc.constantFrom(2, 20, 100, 1000),
    sender: fc.constantFrom("client", "server", "either"),
    paddedLength: fc.constantFrom("accept", "refuse"),
    controlCharacters: fc.constantFrom("accept", "refuse"),
    dupAtQos0: fc.constantFrom("accept", "refuse"),
    topicLevelsMax: fc.integer({ min: 1, max: 8 }),
    firstPacketConnect: fc.boolean(),
    protocolLevel: fc.constantFrom(3, 4),
  },
  { requiredKeys: [] },
);

/** Runs the oracle over generated streams; a fault is made small, saved to the corpus and shown. */
function holdsFor(
  streams: fc.Arbitrary<Uint8Array>,
  runs: number,
  chosen: fc.Arbitrary<PacketReaderOptions> = fc.constant({}),
): void {
  const property = fc.property(streams, chunkSizes, chosen, (stream, sizes, reading) => {
    const cutAt = offsetsOf(sizes, stream.length);
    if (findFault(stream, cutAt, reading) === undefined) return;
    const fails = (shorter: Uint8Array) =>
      findFault(shorter, offsetsOf(sizes, shorter.length), reading) !== undefined;
    const smallest = shrink(stream, fails);
    const fault = findFault(smallest, offsetsOf(sizes, smallest.length), reading) ?? "";
    throw new Error(`${fault}\nsaved as ${saveInput(corpus, smallest, reading, fault)}`);
  });
  fc.assert(property, { numRuns: roundsOf(runs), endOnFailure: true });
}

/** An outcome in the words of the corpus. */
function verdictOn({ packets, violation, bytesLeft }: Outcome): string {
  if (violation !== undefined) return `${violation.code} at ${violation.at}`;
  return bytesLeft > 0 ? `${bytesLeft} bytes left` : `${packets.length} packets`;
}

/** Where chunks of these sizes, used in turn, cut a stream. */
function offsetsOf(sizes: readonly number[], length: number): number[] {
  const offsets: number[] = [];
  let at = 0;
  for (let turn = 0; ; turn++) {
    at += sizes[turn % sizes.length] as number; // sizes is not empty
    if (at >= length) return offsets;
    offsets.push(at);
  }
}

describe("the codec and a decoder written for clarity agree", () => {
  test("[MQTT-4.8.0-1] on valid packets", () => {
    holdsFor(
      fc.array(packet, { maxLength: 6 }).map((sent) => concat(sent.map(encode))),
      1000,
    );
  });

  test("[A11] on streams that are nearly valid", () => {
    holdsFor(nearMiss, 4000);
  });

  test("[A11] on streams that are nearly valid, under any options", () => {
    holdsFor(nearMiss, 3000, options);
  });

  test("[A21] on any bytes behind any first byte", () => {
    holdsFor(fc.uint8Array({ maxLength: 60 }), 3000, options);
  });

  test("[A14] on all first bytes with all short lengths and bodies of one value", () => {
    const faults: string[] = [];
    for (let first = 0; first < 256; first++) {
      for (let length = 0; length < 12; length++) {
        for (const value of [0, 1, 2, 4, 0x61, 0x80, 0xff]) {
          const stream = new Uint8Array(2 + length).fill(value);
          stream.set([first, length]);
          const fault = findFault(stream, [1, 2]);
          if (fault !== undefined) faults.push(fault);
        }
      }
    }
    expect(faults).toEqual([]);
  });

  test("[A09] on a valid packet cut off after every offset", () => {
    fc.assert(
      fc.property(packet, (sent) => {
        const bytes = encode(sent);
        for (let length = 0; length <= bytes.length; length++) {
          expect(findFault(bytes.slice(0, length), [length >> 1])).toBeUndefined();
        }
      }),
      { numRuns: roundsOf(60) },
    );
  });
});

describe("inputs that once made a difference, or are known to be tricky", () => {
  it.each(readCorpus(corpus))("$name", ({ stream, options: reading, verdict }) => {
    if (verdict !== undefined) expect(verdictOn(decodeWith(stream, [], reading))).toBe(verdict);
    const everywhere = Array.from({ length: Math.max(0, stream.length - 1) }, (_, at) => at + 1);
    expect(findFault(stream, [], reading)).toBeUndefined();
    expect(findFault(stream, everywhere.slice(0, 2000), reading)).toBeUndefined();
    for (const at of everywhere.slice(0, 2000)) {
      expect(findFault(stream, [at], reading)).toBeUndefined();
    }
  });
});

describe("the generators reach what they are for", () => {
  test("near misses are refused for many reasons, and seldom for none", () => {
    const counts = new Map<string, number>();
    for (const stream of fc.sample(nearMiss, { numRuns: 4000, seed: 7 })) {
      const code = decodeStream(stream).violation?.code ?? "valid or cut off";
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(24);
    expect(counts.get("valid or cut off")).toBeLessThan(2400);
  });
});
