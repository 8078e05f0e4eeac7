import { UsageError } from "../../protocol/errors.js";
import { isBytes } from "./bytes.js";

/** @throws {@link UsageError} naming the field or option, what it must do, and what it is. */
export function refuseField(field: string, wanted: string, got: unknown): never {
  throw new UsageError(`${field} must ${wanted}, got ${String(got)}`);
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

/** @throws {@link UsageError} when a field of a packet to be sent is no boolean. */
export function checkBoolean(value: boolean, field: string): void {
  if (typeof value !== "boolean") refuseField(field, "be true or false", value);
}

/** @throws {@link UsageError} when a field of a packet to be sent is no QoS. */
export function checkQos(value: number, field: string): void {
  if (value !== 0 && value !== 1 && value !== 2) refuseField(field, "be 0, 1 or 2", value);
}

/** @throws {@link UsageError} when a list of a packet to be sent is none, or is empty. */
export function checkList(value: readonly unknown[], field: string): void {
  if (!Array.isArray(value) || value.length === 0) {
    throw new UsageError(`${field} must be an array, and not empty`);
  }
}
