/** A payload as it can be shown. */
export interface ShownPayload {
  readonly kind: "text" | "JSON" | "bytes" | "empty";
  readonly text: string;
}

/** Bytes shown of what is no text. */
const HEX_BYTES_MAX = 512;
const PER_LINE = 16;

/** A payload for people: JSON with one value a line, other text as it is, else bytes in hexadecimal. */
export function shownPayload(payload: Uint8Array): ShownPayload {
  if (payload.length === 0) return { kind: "empty", text: "" };
  const text = textOf(payload);
  if (text === undefined) return { kind: "bytes", text: hexOf(payload) };
  if (!/^\s*[[{]/.test(text)) return { kind: "text", text };
  try {
    return { kind: "JSON", text: JSON.stringify(JSON.parse(text), null, 2) };
  } catch {
    return { kind: "text", text };
  }
}

/** The bytes of Base64, which HTTP carries payloads in. */
export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/** The text that bytes are, if they are some that can be read: no control characters but white space. */
function textOf(payload: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
    return /[^\P{Cc}\t\n\r]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function hexOf(payload: Uint8Array): string {
  const shown = Array.from(payload.subarray(0, HEX_BYTES_MAX), (byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += PER_LINE) {
    lines.push(shown.slice(at, at + PER_LINE).join(" "));
  }
  const rest = payload.length - shown.length;
  if (rest > 0) lines.push(`and ${rest} bytes more`);
  return lines.join("\n");
}
