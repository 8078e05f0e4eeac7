import { type ProtocolError, UsageError } from "../protocol/errors.js";
import { copyBytes, isBytes } from "./bytes.js";
import { EncodedTopics } from "./encoded-topics.js";
import { checkInteger } from "./fields.js";
import { targetView } from "./target-view.js";
import { checkText, checkTopicFilter, STRICT_TEXT, type TextRules } from "./text-check.js";
import { scanTopicName } from "./topic-scan.js";
import { utf8Length, utf8Write } from "./utf8.js";

/** The longest string or binary field: its length is written in two bytes, §1.5.3. */
export const FIELD_BYTES_MAX = 65_535;

type Check = (
  bytes: Uint8Array,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
) => unknown;

/** Topic Names written before; PUBLISH has a way of its own to them. */
export const topicNames = new EncodedTopics();
const topicFilters = new EncodedTopics();

/**
 * The mirror of `ByteReader`: writes the fields of one packet one behind the other, and refuses
 * what a decoder would refuse.
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
  u16(value: number, field: string): void {
    this.#u16(checkInteger(value, field, 0, 0xffff));
  }

  /** A Packet Identifier, never 0. [MQTT-2.3.1-1] */
  packetId(value: number): void {
    this.#u16(checkInteger(value, "packetId", 1, 0xffff));
  }

  text(value: string, field: string): void {
    checkString(value, field);
    if (this.#plain(value)) return;
    const from = this.#utf8(value, field);
    this.#check(checkText, value, field, from);
  }

  topicName(value: string, field: string): void {
    checkString(value, field);
    if (this.#known(topicNames, value)) return;
    const from = this.#plain(value) ? this.#at - value.length : this.#utf8(value, field);
    this.#check(scanTopicName, value, field, from);
    topicNames.remember(value, this.#target, from, this.#at);
  }

  topicFilter(value: string, field: string): void {
    checkString(value, field);
    if (this.#known(topicFilters, value)) return;
    const from = this.#plain(value) ? this.#at - value.length : this.#utf8(value, field);
    this.#check(checkTopicFilter, value, field, from);
    topicFilters.remember(value, this.#target, from, this.#at);
  }

  /** Two length bytes and the bytes. */
  binary(value: Uint8Array, field: string): void {
    const at = this.#field(binaryLength(value, field) - 2);
    copyBytes(value, 0, value.length, this.#target, at);
  }

  /** Bytes as they are. */
  bytes(value: Uint8Array): void {
    copyBytes(value, 0, value.length, this.#target, this.#room(value.length));
  }

  #u16(value: number): void {
    const at = this.#room(2);
    this.#target[at] = value >> 8;
    this.#target[at + 1] = value;
  }

  /** Writes the length of a field and returns where its bytes go. */
  #field(length: number): number {
    const at = this.#room(2 + length);
    this.#target[at] = length >> 8;
    this.#target[at + 1] = length;
    return at + 2;
  }

  /** Writes a topic that was written before; false when it is not remembered. */
  #known(topics: EncodedTopics, value: string): boolean {
    const place = topics.find(value);
    if (place === undefined) return false;
    const at = this.#field(topics.lengthAt(place));
    topics.copy(place, this.#target, targetView(this.#target), at);
    return true;
  }

  /** Writes a string of U+0020..U+007E; false, and nothing is taken, when it is none. */
  #plain(value: string): boolean {
    const { length } = value;
    if (length > FIELD_BYTES_MAX) return false;
    const target = this.#target;
    const begin = this.#at;
    const at = this.#field(length);
    let odd = 0; // negative once a unit was below U+0020 or above U+007E
    for (let index = 0; index < length; index++) {
      const unit = value.charCodeAt(index);
      odd |= (unit - 0x20) | (0x7e - unit);
      target[at + index] = unit;
    }
    if (odd >= 0) return true;
    this.#at = begin;
    return false;
  }

  /** Writes any string and returns where its bytes begin. */
  #utf8(value: string, field: string): number {
    const from = this.#field(textLength(value, field) - 2);
    utf8Write(value, this.#target, from);
    return from;
  }

  /** Checks the string that was written last as a decoder would. */
  #check(check: Check, value: string, field: string, from: number): void {
    try {
      check(this.#target, from, this.#at, from, STRICT_TEXT);
    } catch (error) {
      const { message } = error as ProtocolError; // a check throws nothing else
      throw new UsageError(`${field} ${quote(value)} cannot be sent: ${message}`);
    }
  }

  #room(count: number): number {
    const at = this.#at;
    if (at + count > this.#target.length) throw noRoom(this.#target, at + count);
    this.#at = at + count;
    return at;
  }
}

/** What to throw when a packet goes on to `end`, beyond its target. */
export function noRoom(target: Uint8Array, end: number): UsageError {
  return new UsageError(
    `target has ${target.length} bytes, the packet goes on to ${end} or further: ask encodedLength`,
  );
}

/**
 * How many bytes a string field takes, with its two length bytes.
 *
 * @throws {@link UsageError} when it is no string, holds a lone surrogate or is too long.
 */
export function textLength(value: string, field: string): number {
  checkString(value, field);
  const length = utf8Length(value);
  if (length < 0) throw new UsageError(`${field} ${quote(value)} must hold no lone surrogate`);
  return 2 + checkFieldLength(length, field);
}

/**
 * How many bytes a binary field takes, with its two length bytes.
 *
 * @throws {@link UsageError} when it is no `Uint8Array` or is too long.
 */
export function binaryLength(value: Uint8Array, field: string): number {
  if (!isBytes(value)) throw new UsageError(`${field} must be a Uint8Array, got ${typeof value}`);
  return 2 + checkFieldLength(value.length, field);
}

function checkString(value: string, field: string): void {
  if (typeof value !== "string") {
    throw new UsageError(`${field} must be a string, got ${typeof value}`);
  }
}

function checkFieldLength(length: number, field: string): number {
  if (length <= FIELD_BYTES_MAX) return length;
  throw new UsageError(`${field} must have at most ${FIELD_BYTES_MAX} bytes, got ${length}`);
}

/** A value for a message: control characters escaped, long ones cut. */
function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
