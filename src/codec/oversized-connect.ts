/** Offset of the Remaining Length in its packet. */
export const LENGTH_AT = 1;
/** Largest CONNECT there can be: a fixed header, the fixed fields and five texts. §3.1 */
const CONNECT_BYTES_MAX = 5 + 12 + 5 * (2 + 0xffff);
/** Bytes from the Protocol Name's length to the Client Identifier's, at level 4 and at level 3. */
const FIXED_BYTES = [10, 12] as const;

/**
 * What makes a CONNECT too large: its Client Identifier alone, so that it can be told so by a
 * CONNACK [MQTT-3.1.3-9], or something else. It takes no more than the bytes up to the identifier.
 *
 * @param at - Where the packet begins in `bytes`, of which those before `limit` have come.
 * @param bodyAt - Where its variable header begins.
 * @param size - Bytes of the whole packet, more than `bytesMax`.
 * @returns the offset in the packet of the identifier, or of the Remaining Length; 0 while it needs
 *   more bytes to tell.
 */
export function oversizedAt(
  bytes: Uint8Array,
  at: number,
  limit: number,
  bodyAt: number,
  size: number,
  bytesMax: number,
): number {
  if (size > CONNECT_BYTES_MAX) return LENGTH_AT;
  const level = levelOf(bytes, bodyAt, limit);
  if (level < 0) return LENGTH_AT;
  const idAt = bodyAt + FIXED_BYTES[level === 3 ? 1 : 0];
  if (limit < idAt + 2) return 0; // so it is where the level has not come
  // In bounds: `limit` says that they have come.
  const idLength = ((bytes[idAt] as number) << 8) | (bytes[idAt + 1] as number);
  const idEnd = idAt + 2 + idLength - at;
  return idEnd > bytesMax && idEnd <= size ? idAt - at : LENGTH_AT;
}

/** The two Protocol Names with their levels: what the variable header begins with. */
const MQTT = Uint8Array.of(0, 4, 0x4d, 0x51, 0x54, 0x54, 4);
const MQISDP = Uint8Array.of(0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70, 3);
const BRIDGE = 0x80;

/** The Protocol Level, 4 or 3; 0 while it has not come; -1 for any other. */
function levelOf(bytes: Uint8Array, at: number, limit: number): number {
  // Of what has not come nothing is compared below, so that either name will do.
  const wanted = bytes[at + 1] === MQISDP[1] ? MQISDP : MQTT;
  const last = wanted.length - 1;
  for (let index = 0; index <= last; index += 1) {
    if (at + index >= limit) return 0;
    const byte = bytes[at + index] as number; // in bounds, as the line above says
    if ((index === last ? byte & ~BRIDGE : byte) !== wanted[index]) return -1;
  }
  return wanted[last] as number; // 4 or 3
}
