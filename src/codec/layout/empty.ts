/** The first byte of a PINGREQ, §3.12.1. */
export const PINGREQ_BYTE = 0xc0;
/** The first byte of a PINGRESP, §3.13.1. */
export const PINGRESP_BYTE = 0xd0;
/** The first byte of a DISCONNECT, §3.14.1. */
export const DISCONNECT_BYTE = 0xe0;

/**
 * Writes a packet that is a fixed header and nothing else, two bytes, and returns where it ends.
 * Checks nothing: the caller knows that they fit. §3.12 - §3.14.
 *
 * @param firstByte - One of the three constants above.
 */
export function writeEmpty(target: Uint8Array, at: number, firstByte: number): number {
  target[at] = firstByte;
  target[at + 1] = 0;
  return at + 2;
}
