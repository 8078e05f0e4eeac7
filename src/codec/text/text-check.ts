import { ProtocolError, type ViolationCode } from "../../protocol/errors.js";
import { codePointAt, codePointSize } from "./utf8.js";

/** What a side accepts in strings, beyond what the standard refuses. */
export interface TextRules {
  /** Let U+0001..U+001F, U+007F..U+009F and noncharacters pass, §1.5.3. */
  readonly acceptControls: boolean;
  /** A Topic Name or Topic Filter with more levels is refused. */
  readonly levelsMax: number;
}

/** More levels than any string of 65,535 bytes can have. */
export const LEVELS_MAX = 65_536;

/** What the encoder holds itself to. */
export const STRICT_TEXT: TextRules = {
  acceptControls: false,
  levelsMax: LEVELS_MAX,
};

const SLASH = 0x2f;
const PLUS = 0x2b;
const HASH = 0x23;

/**
 * Checks that `bytes[at..end)` is well-formed UTF-8 without U+0000 and without what §1.5.3
 * advises against. [MQTT-1.5.3-1] [MQTT-1.5.3-2] U+FEFF is a character like any other.
 * [MQTT-1.5.3-3] O(length).
 *
 * @param start - Where the packet begins in `bytes`: error offsets count from there.
 * @throws {@link ProtocolError} `ill-formed-utf8`, `null-character` or `disallowed-character`,
 *   whichever comes first in the string.
 */
export function checkText(
  bytes: Uint8Array,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
): void {
  let index = at;
  while (index < end) {
    const point = codePointAt(bytes, index, end);
    if (point < 0) throw new ProtocolError("ill-formed-utf8", index - start);
    if (point === 0) throw new ProtocolError("null-character", index - start);
    if (!rules.acceptControls && isDiscouraged(point)) {
      throw new ProtocolError("disallowed-character", index - start);
    }
    index += codePointSize(point);
  }
}

/** Control characters and noncharacters, §1.5.3. */
function isDiscouraged(point: number): boolean {
  if (point < 0xa0) return point < 0x20 || point >= 0x7f;
  return (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) === 0xfffe;
}

/**
 * Checks a Topic Name: text, at least one byte, no wildcard. [MQTT-4.7.3-1] [MQTT-3.3.2-2]
 * Parameters as of {@link checkText}. O(length).
 *
 * @throws {@link ProtocolError} as {@link checkText}; then `empty-topic-name`,
 *   `wildcard-in-topic-name` or `too-many-topic-levels`, whichever comes first.
 */
export function checkTopicName(
  bytes: Uint8Array,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
): void {
  checkTopic(bytes, at, end, start, rules, "empty-topic-name", wildcardInName);
}

/**
 * Checks a Topic Filter: text, at least one byte, each wildcard a whole level and `#` the last.
 * [MQTT-4.7.3-1] [MQTT-4.7.1-2] [MQTT-4.7.1-3] Parameters as of {@link checkText}. O(length).
 *
 * @throws {@link ProtocolError} as {@link checkText}; then `empty-topic-filter`,
 *   `misplaced-multi-level-wildcard`, `misplaced-single-level-wildcard` or
 *   `too-many-topic-levels`, whichever comes first.
 */
export function checkTopicFilter(
  bytes: Uint8Array,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
): void {
  checkTopic(bytes, at, end, start, rules, "empty-topic-filter", wildcardInFilter);
}

type WildcardRule = (
  bytes: Uint8Array,
  index: number,
  at: number,
  end: number,
) => ViolationCode | undefined;

const wildcardInName: WildcardRule = (bytes, index) =>
  bytes[index] === PLUS || bytes[index] === HASH ? "wildcard-in-topic-name" : undefined;

const wildcardInFilter: WildcardRule = (bytes, index, at, end) => {
  if (!isMisplacedWildcard(bytes, index, at, end)) return undefined;
  return bytes[index] === HASH
    ? "misplaced-multi-level-wildcard"
    : "misplaced-single-level-wildcard";
};

function checkTopic(
  bytes: Uint8Array,
  at: number,
  end: number,
  start: number,
  rules: TextRules,
  violationIfEmpty: ViolationCode,
  wildcardRule: WildcardRule,
): void {
  if (at === end) throw new ProtocolError(violationIfEmpty, at - start);
  try {
    checkText(bytes, at, end, start, rules);
    let levels = 1;
    for (let index = at; index < end; index++) {
      const violation = wildcardRule(bytes, index, at, end);
      if (violation !== undefined) throw new ProtocolError(violation, index - start);
      if (bytes[index] === SLASH && ++levels > rules.levelsMax) {
        throw new ProtocolError("too-many-topic-levels", index - start);
      }
    }
  } catch (error) {
    (error as ProtocolError).topic = new Uint8Array(bytes.subarray(at, end)); // nothing else is thrown
    throw error;
  }
}

/**
 * Whether the byte at `index` of the Topic Filter in `bytes[at..end)` is a wildcard that is not a
 * whole level [MQTT-4.7.1-3], or a `#` that is not the last [MQTT-4.7.1-2].
 */
export function isMisplacedWildcard(
  bytes: Uint8Array,
  index: number,
  at: number,
  end: number,
): boolean {
  const byte = bytes[index];
  if (byte !== HASH && byte !== PLUS) return false;
  if (index > at && bytes[index - 1] !== SLASH) return true;
  if (index + 1 === end) return false;
  return byte === HASH || bytes[index + 1] !== SLASH;
}
