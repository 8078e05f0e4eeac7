import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { isBytes, NO_BYTES, viewOf } from "../../../src/codec/bytes/bytes.js";
import { bytesEqual, copyBytes, copyBytesByView, hashBytes } from "../../../src/codec/raw.js";

const bytes = fc.uint8Array({ maxLength: 200 });

describe("hashBytes", () => {
  it("is a signed 32-bit integer that depends on the bytes alone, not on where they are", () => {
    fc.assert(
      fc.property(bytes, fc.nat(9), (content, shift) => {
        const moved = Uint8Array.from([...new Array(shift).fill(7), ...content, 8]);
        const hash = hashBytes(content, 0, content.length);
        expect(hash | 0).toBe(hash);
        expect(hashBytes(moved, shift, shift + content.length)).toBe(hash);
      }),
    );
  });

  it.each<[string, (device: number) => string]>([
    ["decimal", (device) => `fleet/p2p/device-${device}`],
    ["padded", (device) => `d/${String(device).padStart(12, "0")}/up`],
    ["hexadecimal", (device) => `p2p/${(device * 40_503).toString(16).padStart(16, "0")}`],
    ["scattered", (device) => `x${Math.imul(device, 0x9e3779b1) >>> 0}y${device % 7}`],
  ])("tells 100,000 device topics apart, in its low bits too: %s", (_, name) => {
    const encoder = new TextEncoder();
    const hashes = new Set<number>();
    const buckets = new Uint32Array(1024);
    for (let device = 0; device < 100_000; device++) {
      const topic = encoder.encode(name(device));
      const hash = hashBytes(topic, 0, topic.length);
      hashes.add(hash);
      buckets[hash & 1023] = (buckets[hash & 1023] as number) + 1;
    }
    expect(hashes.size).toBeGreaterThan(99_990); // chance alone makes one or two pairs
    expect(Math.max(...buckets)).toBeLessThan(160); // 98 on average
  });

  it("changes with every bit of every byte, and with the length", () => {
    for (let length = 1; length < 12; length++) {
      const content = new Uint8Array(length).fill(0x61);
      const seen = new Set([hashBytes(content, 0, length)]);
      for (let bit = 0; bit < 8 * length; bit++) {
        const changed = content.slice();
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        seen.add(hashBytes(changed, 0, length));
      }
      expect(seen.size).toBe(1 + 8 * length);
    }
    const lengths = Array.from({ length: 64 }, (_, length) =>
      hashBytes(new Uint8Array(64).fill(0x61), 0, length),
    );
    expect(new Set(lengths).size).toBe(64);
  });
});

describe("bytesEqual", () => {
  test("compares what it is asked to, wherever it lies", () => {
    fc.assert(
      fc.property(bytes, bytes, fc.nat(5), fc.nat(5), (a, b, aFrom, bFrom) => {
        const left = Uint8Array.from([...new Array(aFrom).fill(1), ...a, 3]);
        const same = Uint8Array.from([...new Array(bFrom).fill(2), ...a, 4]);
        expect(bytesEqual(left, aFrom, same, bFrom, a.length)).toBe(true);
        const length = Math.min(a.length, b.length);
        const equal = a.slice(0, length).join() === b.slice(0, length).join();
        expect(bytesEqual(a, 0, b, 0, length)).toBe(equal);
      }),
    );
  });

  it("finds one different byte at every place of every length", () => {
    for (let length = 1; length < 20; length++) {
      for (let at = 0; at < length; at++) {
        const other = new Uint8Array(length);
        other[at] = 1;
        expect(bytesEqual(new Uint8Array(length), 0, other, 0, length)).toBe(false);
      }
    }
  });
});

describe.each<[string, typeof copyBytes]>([
  ["copyBytes", copyBytes],
  [
    "copyBytesByView",
    (source, from, to, target, at) =>
      copyBytesByView(new DataView(source.buffer), from, to, new DataView(target.buffer), at),
  ],
])("%s", (_, copy) => {
  it("copies every length to every place and touches nothing else", () => {
    const source = new Uint8Array(600).map((_, index) => index + 1);
    for (const length of [...Array.from({ length: 90 }, (_, index) => index), 255, 256, 257, 500]) {
      for (let shift = 0; shift < 5; shift++) {
        const target = new Uint8Array(600).fill(0xee);
        copy(source, shift, shift + length, target, 2 * shift);
        expect(target.slice(2 * shift, 2 * shift + length)).toEqual(
          source.slice(shift, shift + length),
        );
        const rest = [...target.slice(0, 2 * shift), ...target.slice(2 * shift + length)];
        expect(rest.every((byte) => byte === 0xee)).toBe(true);
      }
    }
  });
});

describe("viewOf", () => {
  it("is a plain Uint8Array on the same bytes, also of a Buffer", () => {
    const buffer = Buffer.from("abcdef").subarray(1);
    const view = viewOf(buffer, 1, 3);
    expect(view.constructor).toBe(Uint8Array);
    expect(view).toEqual(new TextEncoder().encode("cd"));
    expect(view.buffer).toBe(buffer.buffer);
  });
});

describe("isBytes", () => {
  it("knows a Uint8Array, a Buffer, and a Uint8Array of another realm", () => {
    expect(isBytes(NO_BYTES)).toBe(true);
    expect(isBytes(Buffer.alloc(1))).toBe(true);
    expect(isBytes(runInNewContext("new Uint8Array(1)"))).toBe(true);
  });

  it.each([[], "x", undefined, null, new Uint16Array(1), new ArrayBuffer(1)])(
    "takes nothing else for one: %o",
    (value) => {
      expect(isBytes(value)).toBe(false);
    },
  );
});
