/**
 * Bytes of a packet as spaced hex, split at the fields: wire`38 06  0003 612f62  00`.
 * A `${…}` may be a number (one byte), a string (its UTF-8 bytes) or bytes.
 */
export function wire(
  hex: TemplateStringsArray,
  ...values: readonly (number | string | Uint8Array)[]
): Uint8Array {
  const bytes: number[] = [];
  hex.forEach((part, index) => {
    const digits = part.replace(/\s+/g, "");
    if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not spaced hex: "${part}"`);
    for (let at = 0; at < digits.length; at += 2) {
      bytes.push(Number.parseInt(digits.slice(at, at + 2), 16));
    }
    const value = values[index];
    if (typeof value === "number") bytes.push(value);
    else if (typeof value === "string") bytes.push(...new TextEncoder().encode(value));
    else if (value !== undefined) bytes.push(...value);
  });
  return Uint8Array.from(bytes);
}

/** Spaced hex of bytes, for failure messages: `hex(bytes)` is `"38 06 00 03"`. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
