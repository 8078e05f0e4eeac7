/**
 * The key for a text chosen by a peer in a Map whose size the peer can drive up. [C15] [C16]
 *
 * Up to Node 20.20.1, V8 hashed strings that look like an array index by their value alone, without
 * its secret, so that a peer can make many fall into one bucket: figures in spec-notes/v8.md. A
 * leading U+0000, which no valid MQTT string holds, makes them other strings. All others, that is
 * almost all, are their own key. [MQTT-1.5.3-2]
 */
export function mapKey(text: string): string {
  if (text.length > INDEX_DIGITS_MAX) return text;
  const first = text.charCodeAt(0);
  return first >= DIGIT_0 && first <= DIGIT_9 ? `\0${text}` : text;
}

/** The text behind a {@link mapKey}. */
export function textOfKey(key: string): string {
  return key.charCodeAt(0) === 0 ? key.slice(1) : key;
}

/**
 * The same for the level of `topic` that begins at `at` and ends at `end`: the level behind its
 * separator, which is nearly always there to be cut out with it.
 */
export function levelKey(topic: string, at: number, end: number): string {
  return at === 0 ? `/${topic.substring(0, end)}` : topic.substring(at - 1, end);
}

/** 4294967294, the highest array index, has ten digits. */
const INDEX_DIGITS_MAX = 10;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
