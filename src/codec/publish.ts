import { UsageError } from "../protocol/errors.js";
import type { Publish, QoS } from "../protocol/packet.js";
import { PacketType } from "../protocol/packet-type.js";
import type { ByteWriter } from "./byte-writer.js";
import { textLength } from "./byte-writer.js";
import { copyBytes, hashSeed, hashWord, isBytes, shortWordAt, wordAt } from "./bytes.js";
import { checkBoolean, checkQos } from "./fields.js";
import {
  REMAINING_LENGTH_MAX,
  remainingLengthSize,
  writeRemainingLength,
} from "./remaining-length.js";
import { checkTopicName, type TextRules } from "./text-check.js";

const DUP = 0x08;
const QOS = 0x06;
const RETAIN = 0x01;

/**
 * Checks the Topic Name in `bytes[at..end)` as `checkTopicName` does and returns its hash, the one
 * of `hashBytes`. Four bytes at a time as long as they are plain: U+0020..U+007E, no wildcard.
 */
export function scanTopicName(
  bytes: Uint8Array,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
): number {
  const length = end - at;
  let hash = hashSeed(length);
  let odd = 0;
  if (length < 4) {
    const word = shortWordAt(bytes, at, end);
    odd = oddBits(word);
    hash = hashWord(hash, word);
  } else {
    let index = at;
    for (; index + 4 <= end; index += 4) {
      const word = wordAt(bytes, index);
      odd |= oddBits(word);
      hash = hashWord(hash, word);
    }
    if (index < end) {
      const word = wordAt(bytes, end - 4);
      odd |= oddBits(word);
      hash = hashWord(hash, word);
    }
  }
  // A name of n bytes has at most n + 1 levels.
  if ((odd & 0x80808080) !== 0 || length === 0 || length >= rules.levelsMax) {
    checkTopicName(bytes, at, end, start, rules);
  }
  return hash;
}

/**
 * Has the high bit of a byte set where the byte of `word` is not plain: above U+007E, below
 * U+0020, `+` or `#`. A plain byte above an odd one may be marked too; a word of plain bytes only
 * has none marked.
 */
function oddBits(word: number): number {
  const wildcard = (word | 0x08080808) ^ 0x2b2b2b2b; // `#` and `+` differ in this bit alone
  return (
    word |
    (word + 0x01010101) |
    ((word - 0x20202020) & ~word) |
    ((wildcard - 0x01010101) & ~wildcard)
  );
}

/**
 * Length of a whole PUBLISH, fixed header included.
 *
 * @param topicBytesLength - Bytes of the Topic Name.
 */
export function publishLength(topicBytesLength: number, qos: QoS, payloadLength: number): number {
  const remainingLength = 2 + topicBytesLength + (qos === 0 ? 0 : 2) + payloadLength;
  return 1 + remainingLengthSize(remainingLength) + remainingLength;
}

/**
 * Writes a whole PUBLISH and returns where it ends. Checks nothing: the caller knows that it fits
 * (ask {@link publishLength}), that the Topic Name is valid, and that `packetId` is 1..65535 where
 * it is written: exactly when the QoS bits of `flags` are not 0. [MQTT-2.3.1-5]
 *
 * @param flags - The low four bits of the first byte: DUP, QoS, RETAIN.
 */
export function writePublish(
  target: Uint8Array,
  at: number,
  flags: number,
  topicBytes: Uint8Array,
  topicFrom: number,
  topicTo: number,
  packetId: number,
  payload: Uint8Array,
  payloadFrom: number,
  payloadTo: number,
): number {
  const payloadLength = payloadTo - payloadFrom;
  const topicLength = topicTo - topicFrom;
  let into = writeFixedHeader(target, at, flags, topicLength, payloadLength);
  copyBytes(topicBytes, topicFrom, topicTo, target, into);
  into = writePacketId(target, into + topicLength, flags, packetId);
  copyBytes(payload, payloadFrom, payloadTo, target, into);
  return into + payloadLength;
}

/**
 * Writes a PUBLISH up to its payload and returns where that begins: for payloads that are sent by
 * reference. Otherwise as {@link writePublish}.
 */
export function writePublishHeader(
  target: Uint8Array,
  at: number,
  flags: number,
  topicBytes: Uint8Array,
  packetId: number,
  payloadLength: number,
): number {
  const topicLength = topicBytes.length;
  const into = writeFixedHeader(target, at, flags, topicLength, payloadLength);
  copyBytes(topicBytes, 0, topicLength, target, into);
  return writePacketId(target, into + topicLength, flags, packetId);
}

/** Writes the fixed header and the length of the Topic Name. */
function writeFixedHeader(
  target: Uint8Array,
  at: number,
  flags: number,
  topicLength: number,
  payloadLength: number,
): number {
  const idLength = (flags & QOS) === 0 ? 0 : 2;
  target[at] = (PacketType.PUBLISH << 4) | flags;
  const into = writeRemainingLength(target, at + 1, 2 + topicLength + idLength + payloadLength);
  target[into] = topicLength >> 8;
  target[into + 1] = topicLength;
  return into + 2;
}

function writePacketId(target: Uint8Array, at: number, flags: number, packetId: number): number {
  if ((flags & QOS) === 0) return at; // [MQTT-2.3.1-5]
  target[at] = packetId >> 8;
  target[at + 1] = packetId;
  return at + 2;
}

/** Low four bits of the first byte of a PUBLISH to be sent, its fields checked. */
export function publishFlags({ dup, qos, retain }: Publish): number {
  checkQos(qos, "qos");
  checkBoolean(dup, "dup");
  checkBoolean(retain, "retain");
  if (dup && qos === 0) throw new UsageError("dup must be false when qos is 0 [MQTT-3.3.1-2]");
  return (dup ? DUP : 0) | (qos << 1) | (retain ? RETAIN : 0);
}

/** Remaining Length of a PUBLISH. */
export function publishRemainingLength({ topicName, qos, payload }: Publish): number {
  if (!isBytes(payload)) {
    throw new UsageError(`payload must be a Uint8Array, got ${typeof payload}`);
  }
  const length = textLength(topicName, "topicName") + (qos === 0 ? 0 : 2) + payload.length;
  if (length > REMAINING_LENGTH_MAX) {
    throw new UsageError(
      `payload must leave the packet's Remaining Length at ${REMAINING_LENGTH_MAX} or below, ` +
        `got ${length}`,
    );
  }
  return length;
}

/** Writes what follows the Remaining Length of a PUBLISH. */
export function writePublishBody(packet: Publish, body: ByteWriter): void {
  body.topicName(packet.topicName, "topicName");
  if (packet.qos !== 0) {
    body.packetId(packet.packetId);
  } else if (packet.packetId !== 0) {
    throw new UsageError(`packetId must be 0 when qos is 0, got ${String(packet.packetId)}`);
  }
  body.bytes(packet.payload);
}
