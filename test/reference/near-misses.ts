import fc from "fast-check";
import { encode, type Packet } from "../../src/codec/index.js";
import { concat, packet } from "../support/arbitraries.js";

/**
 * Streams that are valid but for a few of the mistakes that senders make: the right shape around
 * one wrong thing, which random bytes seldom have.
 */

/** A change to one packet's bytes. */
type Mistake = (bytes: Uint8Array) => Uint8Array;

const at = fc.nat(0xffff);
const byte = fc.nat(0xff);

const flipBit: fc.Arbitrary<Mistake> = fc.tuple(at, fc.nat(7)).map(
  ([where, bit]) =>
    (bytes) =>
      changed(bytes, where, (value) => value ^ (1 << bit)),
);

/** Bytes that mean something somewhere: wildcards, borders of counts, leads of UTF-8 sequences. */
const TELLING = [
  0, 1, 2, 3, 4, 5, 0x23, 0x2b, 0x2f, 0x7f, 0x80, 0xc2, 0xe2, 0xed, 0xf0, 0xf4, 0xff,
];

const setByte: fc.Arbitrary<Mistake> = fc
  .tuple(at, fc.oneof(byte, fc.constantFrom(...TELLING)))
  .map(
    ([where, value]) =>
      (bytes) =>
        changed(bytes, where, () => value),
  );

/** Any type with any flags over a body made for another. */
const otherFirstByte: fc.Arbitrary<Mistake> = byte.map(
  (value) => (bytes) => changed(bytes, 0, () => value),
);

const otherFlags: fc.Arbitrary<Mistake> = fc
  .nat(15)
  .map((flags) => (bytes) => changed(bytes, 0, (value) => (value & 0xf0) | flags));

/** A length or a Packet Identifier that is off by one, or 0: any two bytes may be one. */
const otherWord: fc.Arbitrary<Mistake> = fc
  .tuple(at, fc.constantFrom(-1, 1, Number.NEGATIVE_INFINITY))
  .map(([where, by]) => (bytes) => {
    if (bytes.length < 4) return bytes;
    const copy = Buffer.from(bytes);
    const offset = 2 + (where % (bytes.length - 3));
    copy.writeUInt16BE(Math.max(0, copy.readUInt16BE(offset) + by) % 0x10000, offset);
    return copy;
  });

/** A Remaining Length that is off: the body stays, the next packet begins in the wrong place. */
const otherRemainingLength: fc.Arbitrary<Mistake> = fc
  .constantFrom(-2, -1, 1, 2, 127, 128)
  .map((by) => (bytes) => {
    const { body, first } = taken(bytes);
    return concat([first, remainingLength(Math.max(0, body.length + by)), body]);
  });

/** One that is not in its shortest form, or in no form at all. */
const otherLengthForm: fc.Arbitrary<Mistake> = fc.integer({ min: 1, max: 5 }).map((padding) => {
  return (bytes) => {
    const { body, first, lengthBytes } = taken(bytes);
    const open = lengthBytes.map((value) => value | 0x80);
    const pad = new Uint8Array(padding).fill(0x80);
    pad[padding - 1] = 0;
    return concat([first, open, pad, body]);
  };
});

/** A body with a part missing, doubled, or taken from another packet; the length agrees with it. */
const otherBody: fc.Arbitrary<Mistake> = fc
  .record({
    from: at,
    count: fc.integer({ min: 0, max: 6 }),
    instead: fc.uint8Array({ maxLength: 6 }),
  })
  .map(({ from, count, instead }) => (bytes) => {
    const { body, first } = taken(bytes);
    const start = from % (body.length + 1);
    const whole = concat([body.slice(0, start), instead, body.slice(start + count)]);
    return concat([first, remainingLength(whole.length), whole]);
  });

/** UTF-8 that is none, and characters that a string must not or should not hold. §1.5.3. */
const ILL_FORMED = [
  "00",
  "01",
  "7f",
  "80",
  "c2",
  "c080",
  "c0af",
  "c285",
  "e08080",
  "eda080",
  "edbfbf",
  "eda080edb080",
  "efbfbe",
  "efb790",
  "f0808080",
  "f09fbfbe",
  "f48fbfbf",
  "f4908080",
  "f8888080",
  "ff",
].map((text) => Buffer.from(text, "hex"));

const illFormed: fc.Arbitrary<Mistake> = fc
  .tuple(at, fc.constantFrom(...ILL_FORMED))
  .map(([where, sequence]) => (bytes) => {
    if (bytes.length < 2 + sequence.length) return bytes;
    const copy = Buffer.from(bytes);
    sequence.copy(copy, 2 + (where % (bytes.length - 1 - sequence.length)));
    return copy;
  });

/** The packet stops in the middle, and the next one begins. */
const cutOff: fc.Arbitrary<Mistake> = at.map(
  (where) => (bytes) => bytes.slice(0, where % (bytes.length + 1)),
);

const mistake: fc.Arbitrary<Mistake> = fc.oneof(
  flipBit,
  setByte,
  otherFirstByte,
  otherFlags,
  otherWord,
  otherRemainingLength,
  otherLengthForm,
  otherBody,
  illFormed,
  cutOff,
);

/** One packet with one to three mistakes; it may have become two, or half a one. */
export const wrongPacket: fc.Arbitrary<Uint8Array> = fc
  .tuple(packet, fc.array(mistake, { minLength: 1, maxLength: 3 }))
  .map(([valid, mistakes]) =>
    mistakes.reduce((bytes, change) => (bytes.length === 0 ? bytes : change(bytes)), encode(valid)),
  );

/** The front of one packet grown together with the back of another. */
const spliced: fc.Arbitrary<Uint8Array> = fc
  .tuple(packet, at, packet, at)
  .map(([front, frontAt, back, backAt]) => {
    const [head, tail] = [encode(front), encode(back)];
    return concat([head.slice(0, frontAt % head.length), tail.slice(backAt % tail.length)]);
  });

const validPackets: fc.Arbitrary<readonly Packet[]> = fc.array(packet, { maxLength: 3 });

/** Valid packets, then something that nearly is one, then valid packets again. */
export const nearMiss: fc.Arbitrary<Uint8Array> = fc
  .tuple(validPackets, fc.oneof(wrongPacket, wrongPacket, spliced), validPackets)
  .map(([before, wrong, behind]) => concat([...before.map(encode), wrong, ...behind.map(encode)]));

function changed(bytes: Uint8Array, where: number, change: (value: number) => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const index = where % copy.length;
  copy[index] = change(copy[index] as number); // in bounds: the remainder is
  return copy;
}

/** A packet, taken apart; after other mistakes it may have no proper length any more. */
function taken(bytes: Uint8Array): {
  first: Uint8Array;
  lengthBytes: Uint8Array;
  body: Uint8Array;
} {
  const last = bytes.subarray(1, 5).findIndex((value) => value < 0x80);
  const bodyAt = last < 0 ? Math.min(bytes.length, 5) : last + 2;
  return {
    first: bytes.slice(0, 1),
    lengthBytes: bytes.slice(1, bodyAt),
    body: bytes.slice(bodyAt),
  };
}

function remainingLength(value: number): Uint8Array {
  const digits: number[] = [];
  let left = value;
  do {
    const digit = left % 128;
    left = Math.floor(left / 128);
    digits.push(left > 0 ? digit + 128 : digit);
  } while (left > 0);
  return Uint8Array.from(digits);
}
