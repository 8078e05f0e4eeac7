/**
 * A copy of `bytes[from..end)`, a plain `Uint8Array` of its own.
 *
 * Not `bytes.slice`: a received chunk may be Node's `Buffer`, whose `slice` is a view that keeps
 * the whole chunk in memory.
 */
export function copyOf(bytes: Uint8Array, from = 0, end = bytes.length): Uint8Array {
  return new Uint8Array(bytes.subarray(from, end));
}
