import * as zlib from "node:zlib";

/** From here on the call into the library, which needs 0.1 ns a byte, is the cheaper one. */
const NATIVE_FROM_BYTES = 256;

/**
 * CRC-32 (the polynomial of zip and Ethernet) of a range of bytes. It finds every single flipped
 * bit, and every burst of up to 32 bits. About 1.5 ns a byte, much less for long ones.
 *
 * @param before - The checksum of what comes before these bytes.
 */
export function crc32(bytes: Uint8Array, from: number, to: number, before = 0): number {
  if (to - from >= NATIVE_FROM_BYTES && HAS_NATIVE) {
    return zlib.crc32(bytes.subarray(from, to), before);
  }
  let crc = before ^ 0xffffffff;
  for (let at = from; at < to; at += 1) {
    crc = (TABLE[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8); // both in range
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Node 20.15 was the first to have it. */
const HAS_NATIVE = typeof zlib.crc32 === "function";

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});
