import { remainingLengthSize, UsageError } from "../codec/index.js";
import { REMAINING_LENGTH_MAX } from "../codec/raw.js";
import { checkText, LEVELS_MAX, type TextRules } from "../codec/text/text-check.js";
import { utf8Length, utf8Write } from "../codec/text/utf8.js";
import { ProtocolError } from "../protocol/errors.js";

/** A string field as users of `mqtt-packet` may give it. */
export type Text = string | Uint8Array;

type Check = (bytes: Uint8Array, at: number, end: number, start: number, rules: TextRules) => void;

/** What the parser lets pass, so that whatever came in can go out. */
const RULES: TextRules = { acceptControls: true, levelsMax: LEVELS_MAX };

const FIELD_BYTES_MAX = 65_535;

/** Writes one packet into a buffer of its own. */
export class PacketWriter {
  readonly bytes: Buffer;
  #at: number;

  /**
   * @param reserved - How many bytes to make room for: all, or less when the payload follows apart.
   * @throws UsageError `Invalid variable byte integer` when the packet is too long for MQTT.
   */
  constructor(firstByte: number, remainingLength: number, reserved = remainingLength) {
    if (remainingLength > REMAINING_LENGTH_MAX) {
      throw new UsageError(`Invalid variable byte integer: ${remainingLength}`);
    }
    this.bytes = Buffer.allocUnsafe(1 + remainingLengthSize(remainingLength) + reserved);
    this.bytes[0] = firstByte;
    let left = remainingLength;
    let at = 1;
    while (left >= 0x80) {
      this.bytes[at++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    this.bytes[at++] = left;
    this.#at = at;
  }

  byte(value: number): void {
    this.bytes[this.#at++] = value;
  }

  word(value: number): void {
    this.bytes[this.#at] = value >> 8;
    this.bytes[this.#at + 1] = value;
    this.#at += 2;
  }

  /**
   * A string and its length.
   *
   * @param complaint - What is wrong when it is no text, or not what `check` asks for.
   * @throws UsageError with the complaint.
   */
  text(value: Text, complaint: string, check: Check = checkText): void {
    const length = textLength(value, complaint) - 2;
    this.word(length);
    const at = this.#at;
    if (typeof value === "string") utf8Write(value, this.bytes, at);
    else this.bytes.set(value, at);
    this.#at += length;
    try {
      check(this.bytes, at, this.#at, 0, RULES);
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      throw new UsageError(complaint, { cause });
    }
  }

  /** Bytes and their length. */
  binary(value: Text): void {
    this.word(byteLength(value));
    this.rest(value);
  }

  /** Bytes as they are. */
  rest(value: Text): void {
    if (typeof value === "string") this.#at += this.bytes.write(value, this.#at);
    else {
      this.bytes.set(value, this.#at);
      this.#at += value.length;
    }
  }
}

/** Bytes of a string field with its length. @throws UsageError with the complaint. */
export function textLength(value: Text, complaint: string): number {
  const length = typeof value === "string" ? utf8Length(value) : value.length;
  if (length < 0 || length > FIELD_BYTES_MAX) throw new UsageError(complaint); // lone surrogate
  return 2 + length;
}

/** Bytes of a binary field with its length. @throws UsageError with the complaint. */
export function binaryLength(value: Text, complaint: string): number {
  const length = byteLength(value);
  if (length > FIELD_BYTES_MAX) throw new UsageError(complaint);
  return 2 + length;
}

/** Bytes of a value. @throws TypeError when it is neither text nor bytes. */
export function byteLength(value: Text): number {
  return value instanceof Uint8Array ? value.length : Buffer.byteLength(value);
}

export function isText(value: unknown): value is Text {
  return typeof value === "string" || value instanceof Uint8Array;
}
