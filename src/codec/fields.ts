import { UsageError } from "../protocol/errors.js";
import { isBytes } from "./bytes.js";

/** @throws {@link UsageError} when a field or an option is no integer of this range. */
export function checkInteger(value: number, field: string, smallest: number, largest: number) {
  if (Number.isInteger(value) && value >= smallest && value <= largest) return value;
  throw new UsageError(
    `${field} must be an integer from ${smallest} to ${largest}, got ${String(value)}`,
  );
}

/** @throws {@link UsageError} when a field or a chunk is no `Uint8Array`. */
export function checkBytes(value: Uint8Array, field: string): void {
  if (!isBytes(value)) throw new UsageError(`${field} must be a Uint8Array, got ${typeof value}`);
}

/** @throws {@link UsageError} when a field of a packet to be sent is no boolean. */
export function checkBoolean(value: boolean, field: string): void {
  if (typeof value !== "boolean") {
    throw new UsageError(`${field} must be true or false, got ${String(value)}`);
  }
}

/** @throws {@link UsageError} when a field of a packet to be sent is no QoS. */
export function checkQos(value: number, field: string): void {
  if (value !== 0 && value !== 1 && value !== 2) {
    throw new UsageError(`${field} must be 0, 1 or 2, got ${String(value)}`);
  }
}

/** @throws {@link UsageError} when a list of a packet to be sent is none, or is empty. */
export function checkList(value: readonly unknown[], field: string): void {
  if (!Array.isArray(value) || value.length === 0) {
    throw new UsageError(`${field} must be an array, and not empty`);
  }
}
