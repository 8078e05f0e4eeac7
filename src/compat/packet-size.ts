import { PacketReader } from "../codec/index.js";

/** More bytes are needed to know where the packet ends. */
export const UNKNOWN = 0;
/** No packet begins like this: a reader that is given the bytes will say why. */
export const IMPOSSIBLE = -1;

/**
 * How many bytes the packet that begins at `at` has, header included, as far as `bytes[at..end)`
 * tell; or {@link UNKNOWN} or {@link IMPOSSIBLE}. O(1).
 */
export function packetSize(bytes: Buffer, at: number, end: number): number {
  if (at >= end) return UNKNOWN;
  if (POSSIBLE_FIRST_BYTES[bytes[at] as number] === 0) return IMPOSSIBLE; // in bounds: checked
  let remainingLength = 0;
  for (let count = 1; count <= 4; count++) {
    if (at + count >= end) return UNKNOWN;
    const byte = bytes[at + count] as number; // in bounds: checked above
    remainingLength += (byte & 0x7f) * 0x80 ** (count - 1);
    if (byte < 0x80) return 1 + count + remainingLength;
  }
  return IMPOSSIBLE;
}

/** 1 for each first byte that the reader takes. */
const POSSIBLE_FIRST_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const reader = new PacketReader({ protocolLevel: 4 });
  reader.push(Uint8Array.of(byte));
  try {
    reader.advance();
    return 1;
  } catch {
    return 0;
  }
});
