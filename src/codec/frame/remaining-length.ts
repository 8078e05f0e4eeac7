import { ProtocolError } from "../../protocol/errors.js";
import { refuseField } from "../bytes/fields.js";

/** The largest Remaining Length, `FF FF FF 7F`. §2.2.3. */
export const REMAINING_LENGTH_MAX = 268_435_455;

/** The largest whole packet: first byte, four bytes of Remaining Length, and what they announce. */
export const PACKET_BYTES_MAX = REMAINING_LENGTH_MAX + 5;

/** @throws {@link UsageError} when a packet to be sent is too long to say so. */
export function checkRemainingLength(remainingLength: number): void {
  if (remainingLength <= REMAINING_LENGTH_MAX) return;
  refuseField("Remaining Length", `be at most ${REMAINING_LENGTH_MAX}`, remainingLength);
}

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

/**
 * Size of the fixed header that begins at `at`: first byte and Remaining Length, 2 to 5 bytes; 0
 * when it goes on behind `limit`. §2.2.
 *
 * @throws {@link ProtocolError} `malformed-remaining-length` when its fourth byte announces a fifth.
 */
export function fixedHeaderSize(bytes: Uint8Array, at: number, limit: number): number {
  for (let size = 2; size <= 5; size++) {
    if (at + size > limit) return 0;
    if ((bytes[at + size - 1] as number) < 0x80) return size; // in bounds: checked above
  }
  throw new ProtocolError("malformed-remaining-length", 4);
}

/** The Remaining Length of the packet that begins at `at`, whose fixed header has this size. */
export function remainingLengthAt(bytes: Uint8Array, at: number, headerSize: number): number {
  let remainingLength = 0;
  for (let index = at + headerSize - 1; index > at; index--) {
    remainingLength = (remainingLength << 7) | ((bytes[index] as number) & 0x7f);
  }
  return remainingLength;
}
