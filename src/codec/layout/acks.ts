/** Remaining Length of the packets that hold a Packet Identifier alone. §3.4 - §3.7, §3.11. */
export const ACK_LENGTH = 2;

/** The first byte of a PUBACK, §3.4.1. */
export const PUBACK_BYTE = 0x40;
/** The first byte of a PUBREC, §3.5.1. */
export const PUBREC_BYTE = 0x50;
/** The first byte of a PUBREL, with its fixed flags 0010. [MQTT-3.6.1-1] */
export const PUBREL_BYTE = 0x62;
/** The first byte of a PUBCOMP, §3.7.1. */
export const PUBCOMP_BYTE = 0x70;
/** The first byte of an UNSUBACK, §3.11.1. */
export const UNSUBACK_BYTE = 0xb0;

/**
 * Writes one of these packets whole, four bytes, and returns where it ends. Checks nothing: the
 * caller knows that they fit and that `packetId` is 1..65535.
 *
 * @param firstByte - One of the five constants above.
 */
export function writeAck(
  target: Uint8Array,
  at: number,
  firstByte: number,
  packetId: number,
): number {
  target[at] = firstByte;
  target[at + 1] = ACK_LENGTH;
  target[at + 2] = packetId >> 8;
  target[at + 3] = packetId;
  return at + 4;
}
