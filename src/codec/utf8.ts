import { UsageError } from "../protocol/errors.js";

/** The two platform classes the engine needs: Node, Deno, Bun and every browser have them. */
declare class TextDecoder {
  constructor(label: "utf-8", options: { readonly fatal: true; readonly ignoreBOM: true });
  decode(bytes: Uint8Array): string;
}
declare class TextEncoder {
  encode(text: string): Uint8Array;
  encodeInto(text: string, target: Uint8Array): { readonly written: number };
}

// `ignoreBOM` keeps U+FEFF: the option's name means "do not treat it as a mark". [MQTT-1.5.3-3]
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** The upper bits of U+D800..U+DFFF, and of U+DC00..U+DFFF: half a character each. */
const SURROGATES = 0xd800 >> 11;
const LOW_SURROGATES = 0xdc00 >> 10;

/**
 * The code point that starts at `at`, or -1 where `bytes[at..end)` is ill-formed: a stray or
 * missing continuation byte, an over-long form, a surrogate, a value above U+10FFFF. §1.5.3.
 */
export function codePointAt(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return lead;
  const size = Math.clz32(~lead << 24); // as many bytes as it has leading ones
  if (size < 2 || size > 4 || at + size > end) return -1;
  let point = lead & (0x7f >> size);
  for (let index = at + 1; index < at + size; index++) {
    const byte = bytes[index] as number;
    if ((byte & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (byte & 0x3f);
  }
  if (codePointSize(point) !== size || point > 0x10ffff) return -1;
  return point >> 11 === SURROGATES ? -1 : point;
}

/** How many bytes UTF-8 takes for a code point. */
export function codePointSize(point: number): 1 | 2 | 3 | 4 {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}

/**
 * `bytes[at..end)` as a string, strictly: nothing is repaired, U+FEFF is kept. O(length).
 *
 * @throws TypeError when the bytes are not well-formed UTF-8.
 */
export function utf8Decode(bytes: Uint8Array, at: number, end: number): string {
  return plainDecode(bytes, at, end) ?? decoder.decode(bytes.subarray(at, end));
}

/**
 * The same for short bytes that are U+0020..U+007E only; `undefined` for others: the check that
 * most strings need and their decoding in one pass. O(length).
 */
export function plainDecode(bytes: Uint8Array, at: number, end: number): string | undefined {
  const units = SHORT[end - at];
  if (units === undefined) return undefined;
  let odd = 0; // negative once a byte was below U+0020 or above U+007E
  for (let index = 0; index < units.length; index++) {
    const byte = bytes[at + index] as number; // the caller has checked the bounds
    units[index] = byte;
    odd |= (byte - 0x20) | (0x7e - byte);
  }
  return odd < 0 ? undefined : String.fromCharCode.apply(undefined, units);
}

/** One array of each length up to 64, to make short strings from. */
const SHORT: readonly number[][] = Array.from({ length: 65 }, (_, length) =>
  new Array<number>(length).fill(0),
);

/**
 * A string as UTF-8, a fresh array. O(length).
 *
 * @throws {@link UsageError} when the string holds a lone surrogate, which has no UTF-8 form.
 */
export function utf8Encode(text: string): Uint8Array {
  if (utf8Length(text) < 0) throw new UsageError("text must hold no lone surrogate");
  return encoder.encode(text);
}

/** How many bytes UTF-8 takes for a string; -1 when it holds a lone surrogate. O(length). */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit >> 11 !== SURROGATES) {
      length += unit < 0x800 ? 1 : 2;
      continue;
    }
    // A high one, then a low one; at the end of the string NaN, which is 0 here.
    if (unit > 0xdbff || text.charCodeAt(index + 1) >> 10 !== LOW_SURROGATES) return -1;
    length += 2; // four bytes for two units
    index++;
  }
  return length;
}

/**
 * Writes a string as UTF-8 into `target` from `at` on and returns where it ends. The caller has
 * asked {@link utf8Length} and checked that it fits.
 */
export function utf8Write(text: string, target: Uint8Array, at: number): number {
  return at + encoder.encodeInto(text, target.subarray(at)).written;
}
