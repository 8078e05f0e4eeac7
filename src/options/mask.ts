import type { Row } from "./row.js";

/** What stands for a secret wherever values are shown. Nothing can have it for a value. */
export const MASK = "(secret)";

/** A value as people may see it: of a URL neither a user nor a query, which often hold a key. */
export function withoutKeys(row: Row, value: unknown): unknown {
  if (row.kind !== "text" || row.isUrl !== true || typeof value !== "string") return value;
  return value.replace(/^([^/?#]*\/\/)[^/?#]*@/, `$1${MASK}@`).replace(/[?#].*$/s, `?${MASK}`);
}

/** Whether somebody has copied what was shown. */
export function isMasked(row: Row, value: unknown): boolean {
  if (row.secret) return value === MASK;
  const isUrl = row.kind === "text" && row.isUrl === true;
  return isUrl && typeof value === "string" && value.includes(MASK);
}
