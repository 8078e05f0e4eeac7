import { UsageError } from "../../protocol/errors.js";
import { isBytes } from "../bytes/bytes.js";
import { utf8Encode } from "../text/utf8.js";

/** @throws {@link UsageError} naming the field or option, what it must do, and what it is. */
export function refuseField(field: string, wanted: string, got: unknown): never {
  // An object may have no way to become a string.
  const shown = typeof got === "object" && got !== null ? "an object" : String(got);
  throw new UsageError(`${field} must ${wanted}, got ${shown}`);
}

/** @throws {@link UsageError} when a field or an option is no integer of this range. */
export function checkInteger(value: number, field: string, smallest: number, largest: number) {
  if (Number.isInteger(value) && value >= smallest && value <= largest) return value;
  return refuseField(field, `be an integer from ${smallest} to ${largest}`, value);
}

/** @throws {@link UsageError} when a field or a chunk is no `Uint8Array`. */
export function checkBytes(value: Uint8Array, field: string): void {
  if (!isBytes(value)) refuseField(field, "be a Uint8Array", typeof value);
}

/**
 * A string or bytes, as bytes: a string is UTF-8.
 *
 * @throws {@link UsageError} when a field of a packet to be sent is neither.
 */
export function bytesOf(value: string | Uint8Array, field: string): Uint8Array {
  if (typeof value === "string") return utf8Encode(value, field);
  if (isBytes(value)) return value;
  return refuseField(field, "be a string or a Uint8Array", typeof value);
}

/** @throws {@link UsageError} when a field of a packet to be sent is no boolean. */
export function checkBoolean(value: boolean, field: string): void {
  if (typeof value !== "boolean") refuseField(field, "be true or false", value);
}

/** @throws {@link UsageError} when a field of a packet to be sent is no QoS. */
export function checkQos(value: number, field: string): void {
  if (value !== 0 && value !== 1 && value !== 2) refuseField(field, "be 0, 1 or 2", value);
}

/** @throws {@link UsageError} when an element of such a list is no object. */
export function checkElement(value: unknown, field: string): void {
  if (typeof value !== "object" || value === null) {
    throw new UsageError(`${field} must hold objects`);
  }
}

/** @throws {@link UsageError} when a list of a packet to be sent is none, or is empty. */
export function checkList(value: readonly unknown[], field: string): void {
  if (!Array.isArray(value) || value.length === 0) {
    throw new UsageError(`${field} must be an array, and not empty`);
  }
}
