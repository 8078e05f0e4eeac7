/** Control characters, and halves of characters. */
const UNFIT = /\p{Cc}|\p{Cs}/u;

/**
 * Whether a name from somewhere else than CONNECT can stand for a user: as it is, whole, and never
 * cut at a NUL. [H14] [M11]
 */
export function isFitUsername(name: unknown): name is string {
  return typeof name === "string" && name !== "" && name.length <= 65_535 && !UNFIT.test(name);
}
