/**
 * Where a page begins, as requests and answers have it. It names clients and topics, in which any
 * character may stand: as Base64 it fits into a URL as it is.
 */
export function cursorOf(place: string): string {
  return Buffer.from(place).toString("base64url");
}

/** The place that a cursor stands for; one that nobody was given stands for some place or other. */
export function placeOf(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}
