/**
 * What a decoder finds wrong with a peer's bytes, in one table: a stable code, where the standard forbids it, and
 * a sentence for the log. Codes never change their meaning; new ones may come. §4.8.
 */
export const VIOLATIONS = {
  // Framing, §2.2
  "reserved-packet-type": ["§2.2.1", "the packet types 0 and 15 do not exist"],
  "reserved-flags": ["MQTT-2.2.2-2", "the reserved flags of the first byte have other values"],
  "malformed-remaining-length": ["§2.2.3", "Remaining Length has more than four bytes"],
  "padded-remaining-length": ["§2.2.3", "Remaining Length is not in its shortest form"],
  "packet-too-large": ["MQTT-4.8.0-1", "the packet is larger than this side accepts"],
  truncated: ["MQTT-4.8.0-1", "the packet ends before one of its fields does"],
  "trailing-bytes": ["MQTT-4.8.0-1", "the packet goes on after its last field"],
  "wrong-direction": ["MQTT-4.8.0-1", "this side of a connection never sends this packet"],
  // Strings and identifiers, §1.5.3, §2.3.1, §4.7
  "ill-formed-utf8": ["MQTT-1.5.3-1", "a string is not well-formed UTF-8"],
  "null-character": ["MQTT-1.5.3-2", "a string holds U+0000"],
  "disallowed-character": ["§1.5.3", "a string holds a control character or a noncharacter"],
  "zero-packet-id": ["MQTT-2.3.1-1", "the Packet Identifier is 0"],
  "empty-topic-name": ["MQTT-4.7.3-1", "the Topic Name is empty"],
  "wildcard-in-topic-name": ["MQTT-3.3.2-2", "a Topic Name holds + or #"],
  "empty-topic-filter": ["MQTT-4.7.3-1", "a Topic Filter is empty"],
  "misplaced-multi-level-wildcard": ["MQTT-4.7.1-2", "# is not a whole last level"],
  "misplaced-single-level-wildcard": ["MQTT-4.7.1-3", "+ is not a whole level"],
  "too-many-topic-levels": ["MQTT-4.8.0-1", "a topic has more levels than this side accepts"],
  // CONNECT, §3.1
  "unknown-protocol-name": ["MQTT-3.1.2-1", "the Protocol Name is neither MQTT nor MQIsdp"],
  "unacceptable-protocol-level": ["MQTT-3.1.2-2", "the Protocol Level is not one spoken here"],
  "connect-reserved-flag": ["MQTT-3.1.2-3", "bit 0 of the Connect Flags is set"],
  "will-bits-without-will": ["MQTT-3.1.2-11", "Will QoS or Will Retain is set without Will Flag"],
  "will-qos-3": ["MQTT-3.1.2-14", "the Will QoS is 3"],
  "password-without-username": ["MQTT-3.1.2-22", "Password Flag is set without User Name Flag"],
  // PUBLISH, §3.3
  "qos-3": ["MQTT-3.3.1-4", "both QoS bits of a PUBLISH are set"],
  "dup-at-qos-0": ["MQTT-3.3.1-2", "DUP is set on a PUBLISH at QoS 0"],
  // SUBSCRIBE, SUBACK, UNSUBSCRIBE, CONNACK
  "no-topic-filter": ["MQTT-3.8.3-3", "SUBSCRIBE or UNSUBSCRIBE holds no Topic Filter"],
  "reserved-subscribe-options": ["MQTT-3.8.3-4", "a requested QoS byte is not 0, 1 or 2"],
  "no-return-code": ["MQTT-3.8.4-5", "SUBACK holds no return code"],
  "reserved-suback-code": ["MQTT-3.9.3-2", "a SUBACK return code is not 0, 1, 2 or 0x80"],
  "reserved-connack-flags": ["§3.2.2.1", "bits 7-1 of the Connect Acknowledge Flags are not 0"],
  "reserved-connack-code": ["§3.2.2.3", "a CONNACK return code is above 5"],
  "session-present-on-refusal": ["MQTT-3.2.2-4", "a refusing CONNACK reports a Session"],
  // The order of packets
  "first-packet-not-connect": ["MQTT-3.1.0-1", "the first packet is not CONNECT"],
  "stream-failed": ["MQTT-4.8.0-1", "the stream already failed: nothing after a violation is read"],
} as const satisfies Violations;

/** What a connection finds and a decoder cannot, in a table of its own: browsers go without it. */
export const ORDER_VIOLATIONS = {
  "second-connect": ["MQTT-3.1.0-2", "a second CONNECT came on the same connection"],
  "wrong-acknowledgement": [
    "§4.3",
    "the acknowledgement is of the wrong kind for what is in flight",
  ],
  "too-many-inbound-in-flight": ["MQTT-4.8.0-1", "too many QoS 2 messages wait for their PUBREL"],
  "too-many-filters": [
    "MQTT-4.8.0-1",
    "SUBSCRIBE or UNSUBSCRIBE holds more Topic Filters than are accepted in one packet here",
  ],
  "topic-name-too-long": [
    "MQTT-4.8.0-1",
    "the Topic Name of a PUBLISH has more bytes than are accepted here",
  ],
  // What begins as another protocol does: the peer has taken this port for something else.
  "tls-hello": ["MQTT-3.1.0-1", "TLS came where plain MQTT is spoken"],
  "http-request": ["MQTT-3.1.0-1", "an HTTP request came where plain MQTT is spoken"],
  "proxy-header": ["MQTT-3.1.0-1", "a PROXY header came where none is expected"],
} as const satisfies Violations;

type Violations = Readonly<Record<string, Violation>>;
type Violation = readonly [statement: string, sentence: string];

/** A key of {@link ORDER_VIOLATIONS}. */
export type OrderViolationCode = keyof typeof ORDER_VIOLATIONS;

/** Stable name of one way to break the standard. */
export type ViolationCode = keyof typeof VIOLATIONS | OrderViolationCode;

/**
 * The peer broke the standard: hang up, touch nobody else. [MQTT-4.8.0-1]
 *
 * Programs match on `code`; the message is for people.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ViolationCode;
  /** Where the standard forbids it: a normative statement `MQTT-x.y.z-n` or a section `§x.y`. */
  readonly statement: string;
  /** Offset of the offending byte from the first byte of its packet; -1 where none is to blame. */
  readonly at: number;
  /**
   * What it is about beyond the byte: of `packet-too-large` the bytes of the whole packet, as far as
   * announced; of `unacceptable-protocol-level` the level; else 0.
   */
  readonly value: number;
  /**
   * The Topic Name or Topic Filter that is wrong: a copy of its bytes, ill-formed or not. The peer
   * chose them: cut and escape them before people see them.
   */
  topic: Uint8Array | undefined;

  /** @param violation - Where it is not in {@link VIOLATIONS}: see {@link orderError}. */
  constructor(
    code: ViolationCode,
    at = -1,
    violation: Violation = VIOLATIONS[code as keyof typeof VIOLATIONS],
    value = 0,
  ) {
    const [statement, sentence] = violation;
    super(at < 0 ? `${sentence} [${statement}]` : `${sentence}, byte ${at} [${statement}]`);
    this.code = code;
    this.statement = statement;
    this.at = at;
    this.value = value;
  }
}

/** A violation that a connection finds: a packet well-formed, but out of order. §4.3, §3.1. */
export function orderError(code: OrderViolationCode, at = -1): ProtocolError {
  return new ProtocolError(code, at, ORDER_VIOLATIONS[code]);
}

/** Our caller passed what cannot be: the message names the argument, its value and what is allowed. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** Nothing is wrong with what our caller passed: the broker has closed. */
export class ClosedError extends UsageError {
  override readonly name = "ClosedError";

  constructor() {
    super("the broker is closed");
  }
}
