/** Characters of a name that are shown: enough to know it again. */
const SHOWN_MAX = 128;

/** Controls, invisible marks that turn or join text, line ends, halves of characters. [C14] */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * What a peer chose, fit to be looked at: it cannot start a line, colour a terminal or hide what
 * stands behind it, and it is cut. [C14]
 */
export function shown(text: string): string {
  return visible(cut(text));
}

/** The same between quotes that nothing in it can close: no text can pass for another field. */
export function quoted(text: string): string {
  return `"${visible(cut(text).replace(/["\\]/g, "\\$&"))}"`;
}

/** All of a text on one line, with nothing in it that a terminal obeys. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** Bytes of a topic that are looked at: more than what is shown can have. */
const LEGIBLE_BYTES = 4 * (SHOWN_MAX + 1);

/** The beginning of what should be UTF-8, as far as it is: the rest becomes U+FFFD. */
export function legible(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  // `stream`: what may be the beginning of a character is left out.
  return decoder.decode(bytes.subarray(0, LEGIBLE_BYTES), { stream: true });
}

function cut(text: string): string {
  if (text.length <= SHOWN_MAX) return text;
  // Both halves of a character of two, or none.
  const isHalved = /[\ud800-\udbff]/.test(text.charAt(SHOWN_MAX - 1));
  return `${text.slice(0, isHalved ? SHOWN_MAX - 1 : SHOWN_MAX)}…`;
}
