import { ProtocolError, UsageError } from "../protocol/errors.js";
import { copyBytes, isBytes } from "./bytes.js";
import {
  checkText,
  checkTopicFilter,
  checkTopicName,
  STRICT_TEXT,
  type TextRules,
} from "./text-check.js";
import { utf8Length, utf8Write } from "./utf8.js";

/** The longest string or binary field: its length is written in two bytes, §1.5.3. */
export const FIELD_BYTES_MAX = 65_535;

type Check = (bytes: Uint8Array, at: number, end: number, start: number, rules: TextRules) => void;

/**
 * The mirror of `ByteReader`: writes the fields of one packet into a target that the caller has
 * sized, and refuses what a decoder would refuse.
 *
 * @throws {@link UsageError} naming the field, from every writing method, when the value cannot
 *   be written or the target has no room left.
 */
export class ByteWriter {
  readonly #target: Uint8Array;
  #at: number;

  constructor(target: Uint8Array, at: number) {
    this.#target = target;
    this.#at = at;
  }

  /** Where the next byte goes. */
  get at(): number {
    return this.#at;
  }

  u8(value: number): void {
    this.#target[this.#room(1)] = value;
  }

  /** Big-endian, §1.5.2. */
  u16(value: number, field: string, smallest = 0): void {
    if (!Number.isInteger(value) || value < smallest || value > 0xffff) {
      throw new UsageError(
        `${field} must be an integer from ${smallest} to 65535, got ${String(value)}`,
      );
    }
    const at = this.#room(2);
    this.#target[at] = value >> 8;
    this.#target[at + 1] = value;
  }

  /** A Packet Identifier, never 0. [MQTT-2.3.1-1] */
  packetId(value: number): void {
    this.u16(value, "packetId", 1);
  }

  text(value: string, field: string): void {
    this.#checked(value, field, checkText);
  }

  topicName(value: string, field: string): void {
    this.#checked(value, field, checkTopicName);
  }

  topicFilter(value: string, field: string): void {
    this.#checked(value, field, checkTopicFilter);
  }

  /** Two length bytes and the bytes. */
  binary(value: Uint8Array, field: string): void {
    this.u16(binaryLength(value, field) - 2, field);
    this.bytes(value);
  }

  /** Bytes as they are. */
  bytes(value: Uint8Array): void {
    copyBytes(value, 0, value.length, this.#target, this.#room(value.length));
  }

  #checked(value: string, field: string, check: Check): void {
    const length = textLength(value, field) - 2;
    this.u16(length, field);
    const at = this.#room(length);
    utf8Write(value, this.#target, at);
    try {
      check(this.#target, at, this.#at, at, STRICT_TEXT);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new UsageError(`${field} ${quote(value)} cannot be sent: ${error.message}`);
    }
  }

  #room(count: number): number {
    const at = this.#at;
    if (at + count > this.#target.length) {
      throw new UsageError(
        `target must have room for the packet: it ends at ${this.#target.length}, ` +
          `the packet goes on to ${at + count} or further (ask encodedLength)`,
      );
    }
    this.#at = at + count;
    return at;
  }
}

/**
 * How many bytes a string field takes, with its two length bytes.
 *
 * @throws {@link UsageError} when it is no string, holds a lone surrogate or is too long.
 */
export function textLength(value: string, field: string): number {
  if (typeof value !== "string") {
    throw new UsageError(`${field} must be a string, got ${typeof value}`);
  }
  const length = utf8Length(value);
  if (length < 0) throw new UsageError(`${field} ${quote(value)} must hold no lone surrogate`);
  return 2 + checkedFieldLength(length, field);
}

/**
 * How many bytes a binary field takes, with its two length bytes.
 *
 * @throws {@link UsageError} when it is no `Uint8Array` or is too long.
 */
export function binaryLength(value: Uint8Array, field: string): number {
  if (!isBytes(value)) throw new UsageError(`${field} must be a Uint8Array, got ${typeof value}`);
  return 2 + checkedFieldLength(value.length, field);
}

function checkedFieldLength(length: number, field: string): number {
  if (length <= FIELD_BYTES_MAX) return length;
  throw new UsageError(`${field} must have at most ${FIELD_BYTES_MAX} bytes, got ${length}`);
}

/** A value for a message: control characters escaped, long ones cut. */
function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
