import type { ViolationCode } from "../protocol/errors.js";
import { isLoneSurrogate, isSurrogate, isWithinTopicBytes } from "./topic-name.js";

/**
 * Is this a valid Topic Filter: 1 to 65,535 bytes of well-formed text without U+0000, its wildcards
 * where §4.7.1 wants them? [MQTT-4.7.1-2], [MQTT-4.7.1-3], [MQTT-4.7.3-1] to [MQTT-4.7.3-3].
 * O(length).
 */
export function isValidTopicFilter(topicFilter: string): boolean {
  return topicFilterViolation(topicFilter) === undefined && isWithinTopicBytes(topicFilter);
}

/**
 * What a peer did wrong with this Topic Filter; `undefined` when nothing. O(length).
 *
 * The length is not looked at: two length bytes cannot announce a filter that is too long, so a
 * peer cannot break that rule. {@link isValidTopicFilter} checks it for our own callers.
 */
export function topicFilterViolation(topicFilter: string): ViolationCode | undefined {
  if (topicFilter.length === 0) return "empty-topic-filter"; // [MQTT-4.7.3-1]
  for (let at = 0; at < topicFilter.length; at++) {
    const violation = violationAt(topicFilter, at);
    if (violation !== undefined) return violation;
  }
  return undefined;
}

/** Does this valid Topic Filter hold `+` or `#`? If not, it matches the one equal Topic Name. */
export function hasWildcard(topicFilter: string): boolean {
  // `#` can only be the last character, so one look replaces a second search. [MQTT-4.7.1-2]
  return (
    topicFilter.charCodeAt(topicFilter.length - 1) === NUMBER_SIGN || topicFilter.includes("+")
  );
}

function violationAt(topicFilter: string, at: number): ViolationCode | undefined {
  const unit = topicFilter.charCodeAt(at);
  switch (unit) {
    case 0:
      return "null-character"; // [MQTT-4.7.3-2]
    case NUMBER_SIGN:
      if (at === topicFilter.length - 1 && beginsLevel(topicFilter, at)) return undefined;
      return "misplaced-multi-level-wildcard"; // [MQTT-4.7.1-2]
    case PLUS:
      if (beginsLevel(topicFilter, at) && endsLevel(topicFilter, at)) return undefined;
      return "misplaced-single-level-wildcard"; // [MQTT-4.7.1-3]
    default:
      if (isSurrogate(unit) && isLoneSurrogate(topicFilter, at)) return "ill-formed-utf8";
      return undefined;
  }
}

function beginsLevel(topicFilter: string, at: number): boolean {
  return at === 0 || topicFilter.charCodeAt(at - 1) === SLASH;
}

function endsLevel(topicFilter: string, at: number): boolean {
  return at === topicFilter.length - 1 || topicFilter.charCodeAt(at + 1) === SLASH;
}

const NUMBER_SIGN = 0x23;
const PLUS = 0x2b;
const SLASH = 0x2f;
