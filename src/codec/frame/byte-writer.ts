import { type ProtocolError, UsageError } from "../../protocol/errors.js";
import { copyBytes } from "../bytes/bytes.js";
import { checkBytes, checkInteger, refuseField } from "../bytes/fields.js";
import { targetView } from "../bytes/target-view.js";
import { EncodedTopics } from "../text/encoded-topics.js";
import { checkText, checkTopicFilter, STRICT_TEXT, type TextRules } from "../text/text-check.js";
import { scanTopicName } from "../text/topic-scan.js";
import { utf8Length, utf8Write } from "../text/utf8.js";

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

// The mirror of `ByteReader`: each function writes one field of a packet from `at` on, refuses what a
// decoder would refuse, and returns where the field ends. Functions, because an object that keeps the
// cursor made a CONNECT take twice the time.
//
// All throw `UsageError`, naming the field, when the value cannot be written or the target has too
// little room. Only what has a fixed size may go on behind the target, where nothing is written:
// the caller checks the end of the whole packet.

/** Big-endian, §1.5.2. */
export function writeU16(value: number, field: string, target: Uint8Array, at: number): number {
  if ((value & 0xffff) !== value) checkInteger(value, field, 0, 0xffff);
  target[at] = value >> 8;
  target[at + 1] = value;
  return at + 2;
}

/** A Packet Identifier, never 0. [MQTT-2.3.1-1] */
export function writePacketId(value: number, target: Uint8Array, at: number): number {
  if ((value & 0xffff) !== value || value === 0) checkInteger(value, "packetId", 1, 0xffff);
  target[at] = value >> 8;
  target[at + 1] = value;
  return at + 2;
}

/** A string, §1.5.3. */
export function writeText(value: string, field: string, target: Uint8Array, at: number): number {
  checkString(value, field);
  const end = writePlain(value, target, at);
  if (end !== NOT_PLAIN) return end;
  const last = writeUtf8(value, field, target, at);
  checkWritten(checkText, value, field, target, at + 2, last);
  return last;
}

export function writeTopicName(
  value: string,
  field: string,
  target: Uint8Array,
  at: number,
): number {
  return writeTopic(topicNames, scanTopicName, value, field, target, at);
}

export function writeTopicFilter(
  value: string,
  field: string,
  target: Uint8Array,
  at: number,
): number {
  return writeTopic(topicFilters, checkTopicFilter, value, field, target, at);
}

function writeTopic(
  topics: EncodedTopics,
  check: Check,
  value: string,
  field: string,
  target: Uint8Array,
  at: number,
): number {
  checkString(value, field);
  const place = topics.find(value);
  if (place !== undefined) {
    const length = topics.lengthAt(place);
    const end = startField(length, target, at);
    topics.copy(place, target, targetView(target), at + 2);
    return end;
  }
  let end = writePlain(value, target, at);
  if (end === NOT_PLAIN) end = writeUtf8(value, field, target, at);
  checkWritten(check, value, field, target, at + 2, end);
  topics.remember(value, target, at + 2, end);
  return end;
}

/** Two length bytes and the bytes. */
export function writeBinary(
  value: Uint8Array,
  field: string,
  target: Uint8Array,
  at: number,
): number {
  checkBytes(value, field);
  const { length } = value;
  const end = startField(checkFieldLength(length, field), target, at);
  copyBytes(value, 0, length, target, at + 2);
  return end;
}

/** Writes the length of a field and returns where the field will end. */
function startField(length: number, target: Uint8Array, at: number): number {
  const end = at + 2 + length;
  checkRoom(target, end);
  target[at] = length >> 8;
  target[at + 1] = length;
  return end;
}

const NOT_PLAIN = -1;

/** Writes a string of U+0020..U+007E; else returns {@link NOT_PLAIN}. */
function writePlain(value: string, target: Uint8Array, at: number): number {
  const { length } = value;
  if (length > FIELD_BYTES_MAX) return NOT_PLAIN;
  const end = startField(length, target, at);
  let odd = 0; // negative once a unit was below U+0020 or above U+007E
  for (let index = 0; index < length; index++) {
    const unit = value.charCodeAt(index);
    odd |= (unit - 0x20) | (0x7e - unit);
    target[at + 2 + index] = unit;
  }
  return odd < 0 ? NOT_PLAIN : end;
}

/** Writes any string. */
function writeUtf8(value: string, field: string, target: Uint8Array, at: number): number {
  const end = startField(textLength(value, field) - 2, target, at);
  utf8Write(value, target, at + 2);
  return end;
}

/** Checks the string that was written to `target[from..to)` as a decoder would. */
function checkWritten(
  check: Check,
  value: string,
  field: string,
  target: Uint8Array,
  from: number,
  to: number,
): void {
  try {
    check(target, from, to, from, STRICT_TEXT);
  } catch (error) {
    const { message } = error as ProtocolError; // a check throws nothing else
    throw new UsageError(`${field} ${quote(value)} cannot be sent: ${message}`);
  }
}

/** @throws {@link UsageError} when a packet goes on to `end`, beyond its target. */
export function checkRoom(target: Uint8Array, end: number): void {
  if (end > target.length) throw noRoom(target, end);
}

function noRoom(target: Uint8Array, end: number): UsageError {
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
  if (length < 0) refuseField(field, "hold no lone surrogate", quote(value));
  return 2 + checkFieldLength(length, field);
}

/**
 * How many bytes a binary field takes, with its two length bytes.
 *
 * @throws {@link UsageError} when it is no `Uint8Array` or is too long.
 */
export function binaryLength(value: Uint8Array, field: string): number {
  checkBytes(value, field);
  return 2 + checkFieldLength(value.length, field);
}

function checkString(value: string, field: string): void {
  if (typeof value !== "string") {
    refuseField(field, "be a string", typeof value);
  }
}

function checkFieldLength(length: number, field: string): number {
  if (length <= FIELD_BYTES_MAX) return length;
  return refuseField(field, `have at most ${FIELD_BYTES_MAX} bytes`, length);
}

/** A value for a message: control characters escaped, long ones cut. */
function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
