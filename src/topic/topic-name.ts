import type { ViolationCode } from "../protocol/errors.js";

/** The most UTF-8 bytes a Topic Name or Topic Filter may have. [MQTT-4.7.3-3] */
export const TOPIC_BYTES_MAX = 65_535;

/**
 * Is this a valid Topic Name: 1 to 65,535 bytes of well-formed text without wildcard or U+0000?
 * §4.7, [MQTT-4.7.1-1], [MQTT-4.7.3-1] to [MQTT-4.7.3-3]. Nothing is normalised. [MQTT-4.7.3-4]
 * O(length).
 */
export function isValidTopicName(topicName: string): boolean {
  return topicNameViolation(topicName) === undefined && isWithinTopicBytes(topicName);
}

/**
 * What a peer did wrong with this Topic Name; `undefined` when nothing. O(length).
 *
 * The length is not looked at: two length bytes cannot announce a topic that is too long, so a
 * peer cannot break that rule. {@link isValidTopicName} checks it for our own callers.
 */
export function topicNameViolation(topicName: string): ViolationCode | undefined {
  if (topicName.length === 0) return "empty-topic-name";
  for (let at = 0; at < topicName.length; at++) {
    const unit = topicName.charCodeAt(at);
    if (unit === PLUS || unit === NUMBER_SIGN) return "wildcard-in-topic-name"; // [MQTT-4.7.1-1]
    if (unit === 0) return "null-character"; // [MQTT-4.7.3-2]
    if (isSurrogate(unit) && isLoneSurrogate(topicName, at)) return "ill-formed-utf8";
  }
  return undefined;
}

/**
 * The first character of a text that §1.5.3 advises against, as `U+0007`: a control character or a
 * noncharacter. `undefined`: there is none. Whoever receives one may close its connection. O(length).
 */
export function discouragedCharacter(text: string): string | undefined {
  const at = text.search(DISCOURAGED);
  if (at === -1) return undefined;
  return `U+${text.codePointAt(at)?.toString(16).toUpperCase().padStart(4, "0")}`;
}

const DISCOURAGED = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;

/** How many topic levels a Topic Name or Topic Filter has: `levelCount("a//b")` is 3. O(length). */
export function levelCount(topic: string): number {
  let count = 1;
  for (let at = topic.indexOf("/"); at !== -1; at = topic.indexOf("/", at + 1)) count++;
  return count;
}

/**
 * Does this topic begin with `$`? Such Topic Names are the Server's own: a filter that begins with
 * a wildcard never matches them. [MQTT-4.7.2-1]
 */
export function startsWithDollar(topic: string): boolean {
  return topic.charCodeAt(0) === DOLLAR;
}

/** Is `topic`, as UTF-8, no longer than {@link TOPIC_BYTES_MAX}? Expects well-formed text. */
export function isWithinTopicBytes(topic: string): boolean {
  return isWithinBytes(topic, TOPIC_BYTES_MAX);
}

/** Has `text`, as UTF-8, so many bytes at most? Expects well-formed text. O(length) near the bound. */
export function isWithinBytes(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return true; // no code unit takes more than 3 bytes
  return text.length <= bytesMax && utf8Length(text) <= bytesMax;
}

/** How many bytes `text` has as UTF-8. Expects well-formed text. O(length). */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800 || isSurrogate(unit))
      bytes += 2; // a pair is 4 bytes: 2 for each half
    else bytes += 3;
  }
  return bytes;
}

/** Is this UTF-16 code unit one half of a surrogate pair? */
export function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Does the surrogate at `at` miss its other half? UTF-8 cannot say that. [MQTT-1.5.3-1] */
export function isLoneSurrogate(text: string, at: number): boolean {
  // Beyond either end charCodeAt is NaN, which lies in no range.
  if (text.charCodeAt(at) >= 0xdc00) {
    const before = text.charCodeAt(at - 1);
    return !(before >= 0xd800 && before < 0xdc00);
  }
  const after = text.charCodeAt(at + 1);
  return !(after >= 0xdc00 && after <= 0xdfff);
}

const NUMBER_SIGN = 0x23;
const DOLLAR = 0x24;
const PLUS = 0x2b;
