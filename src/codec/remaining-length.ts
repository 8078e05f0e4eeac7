/** The largest Remaining Length, `FF FF FF 7F`. §2.2.3. */
export const REMAINING_LENGTH_MAX = 268_435_455;

/** The largest whole packet: first byte, four bytes of Remaining Length, and what they announce. */
export const PACKET_BYTES_MAX = REMAINING_LENGTH_MAX + 5;

/** How many bytes a Remaining Length of 0..268,435,455 takes: 1 to 4. §2.2.3. */
export function remainingLengthSize(remainingLength: number): number {
  if (remainingLength < 0x80) return 1;
  if (remainingLength < 0x4000) return 2;
  return remainingLength < 0x20_0000 ? 3 : 4;
}

/** Writes a Remaining Length in its shortest form and returns where it ends. §2.2.3. */
export function writeRemainingLength(
  target: Uint8Array,
  at: number,
  remainingLength: number,
): number {
  let left = remainingLength;
  let into = at;
  while (left >= 0x80) {
    target[into++] = (left & 0x7f) | 0x80;
    left >>>= 7;
  }
  target[into++] = left;
  return into;
}
