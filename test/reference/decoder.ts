import type { Packet, QoS, ViolationCode, Will } from "../../src/codec/index.js";

/**
 * A second decoder, written for clarity alone: strings of bytes, regular expressions, one copy after
 * the other. It shares no code with `src/codec` (the types are erased), so that a mistake would have
 * to be made twice to go unseen. Section numbers are those of MQTT 3.1.1.
 */
export interface ReferenceOptions {
  readonly packetBytesMax?: number;
  readonly sender?: "client" | "server" | "either";
  readonly paddedLength?: "accept" | "refuse";
  readonly controlCharacters?: "refuse" | "accept";
  readonly dupAtQos0?: "refuse" | "accept";
  readonly topicLevelsMax?: number;
  readonly protocolLevel?: 3 | 4;
  readonly firstPacketConnect?: boolean;
}

/** What a stream of bytes holds. */
export interface Outcome {
  /** The valid packets before the first violation, or all. */
  readonly packets: readonly Packet[];
  /** What ended the reading, with the offset from the first byte of its packet. */
  readonly violation: { readonly code: ViolationCode; readonly at: number } | undefined;
  /** Bytes of the packet that is not whole yet; 0 after a violation. */
  readonly bytesLeft: number;
}

/** Thrown to end the reading. No `Error`: nobody looks at its stack, which would cost the most. */
class Refusal {
  readonly code: ViolationCode;
  readonly at: number;

  constructor(code: ViolationCode, at: number) {
    this.code = code;
    this.at = at;
  }
}

/** Decodes a stream from its first byte on. */
export function decodeStream(stream: Uint8Array, options: ReferenceOptions = {}): Outcome {
  const packets: Packet[] = [];
  let rest = Buffer.from(stream);
  try {
    for (;;) {
      const level = levelOf(packets, options);
      const header = decodeFixedHeader(rest, packets.length === 0, level, options);
      if (header === "incomplete" || header.size > rest.length) {
        return { packets, violation: undefined, bytesLeft: rest.length };
      }
      const fields = new Fields(rest.subarray(0, header.size), header, options);
      packets.push(decodeBody(header, fields, level));
      rest = rest.subarray(header.size);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { packets, violation: { code: error.code, at: error.at }, bytesLeft: 0 };
  }
}

/** The level that flags are judged by; "open" until a CONNECT has said which. */
type Dialect = 3 | 4 | "open";

function levelOf(packets: readonly Packet[], options: ReferenceOptions): Dialect {
  if (options.protocolLevel !== undefined) return options.protocolLevel;
  for (const packet of packets.toReversed()) {
    if (packet.type === 1) return packet.protocolLevel === 3 ? 3 : 4;
  }
  return "open";
}

// §2.2 Fixed header

interface FixedHeader {
  readonly type: number;
  readonly flags: number;
  /** Where the variable header begins. */
  readonly bodyAt: number;
  /** Bytes of the whole packet. */
  readonly size: number;
}

/** Table 2.1: the types, who sends them, and table 2.2: their flags where those are reserved. */
const TYPES = new Map<number, { readonly sentBy: "client" | "server" | "both"; flags?: number }>([
  [1, { sentBy: "client", flags: 0b0000 }], // CONNECT
  [2, { sentBy: "server", flags: 0b0000 }], // CONNACK
  [3, { sentBy: "both" }], // PUBLISH
  [4, { sentBy: "both", flags: 0b0000 }], // PUBACK
  [5, { sentBy: "both", flags: 0b0000 }], // PUBREC
  [6, { sentBy: "both", flags: 0b0010 }], // PUBREL
  [7, { sentBy: "both", flags: 0b0000 }], // PUBCOMP
  [8, { sentBy: "client", flags: 0b0010 }], // SUBSCRIBE
  [9, { sentBy: "server", flags: 0b0000 }], // SUBACK
  [10, { sentBy: "client", flags: 0b0010 }], // UNSUBSCRIBE
  [11, { sentBy: "server", flags: 0b0000 }], // UNSUBACK
  [12, { sentBy: "client", flags: 0b0000 }], // PINGREQ
  [13, { sentBy: "server", flags: 0b0000 }], // PINGRESP
  [14, { sentBy: "client", flags: 0b0000 }], // DISCONNECT
]);

function decodeFixedHeader(
  bytes: Buffer,
  isFirst: boolean,
  level: Dialect,
  options: ReferenceOptions,
): FixedHeader | "incomplete" {
  const first = bytes[0];
  if (first === undefined) return "incomplete";
  const type = Math.floor(first / 16);
  const flags = first % 16;
  const mustConnect = options.firstPacketConnect === true && isFirst;
  if (mustConnect && type !== 1) throw new Refusal("first-packet-not-connect", 0);
  checkFirstByte(type, flags, level, mustConnect ? { sender: "client" } : options);
  const length = decodeRemainingLength(bytes, options);
  if (length === "incomplete") return length;
  const bodyAt = 1 + length.bytes;
  const size = bodyAt + length.value;
  const sizeMax = options.packetBytesMax ?? 268_435_460;
  if (size > sizeMax) {
    const at = mustConnect ? oversizedAt(bytes, bodyAt, size, sizeMax) : 1;
    if (at === "incomplete") return at;
    throw new Refusal("packet-too-large", at);
  }
  return { type, flags, bodyAt, size };
}

const LARGEST_CONNECT = 5 + 12 + 5 * (2 + 65_535);

/** What is to blame for the size of a first CONNECT: its Client Identifier alone, or its length. */
function oversizedAt(
  bytes: Uint8Array,
  bodyAt: number,
  size: number,
  sizeMax: number,
): number | "incomplete" {
  if (size > LARGEST_CONNECT) return 1;
  for (const [name, level] of [
    ["MQTT", 4],
    ["MQIsdp", 3],
  ] as const) {
    const head = [0, name.length, ...Buffer.from(name), level];
    const came = [...bytes.subarray(bodyAt, bodyAt + head.length)];
    if (came.length === head.length) came.push((came.pop() ?? 0) % 0x80); // but for the bridge bit
    if (!came.every((byte, index) => byte === head[index])) continue;
    const idAt = bodyAt + head.length + 3; // behind flags and Keep Alive
    const [high, low] = bytes.subarray(idAt, idAt + 2);
    if (high === undefined || low === undefined) return "incomplete";
    const idEnd = idAt + 2 + high * 256 + low;
    return idEnd > sizeMax && idEnd <= size ? idAt : 1;
  }
  return 1;
}

function checkFirstByte(
  type: number,
  flags: number,
  level: Dialect,
  options: ReferenceOptions,
): void {
  const row = TYPES.get(type);
  if (row === undefined) throw new Refusal("reserved-packet-type", 0);
  const { sender = "either" } = options;
  if (sender !== "either" && row.sentBy !== "both" && row.sentBy !== sender) {
    throw new Refusal("wrong-direction", 0);
  }
  if (row.flags !== undefined) {
    const isQos3 = (flags >> 1) % 4 === 3;
    if (level === 3 && type !== 1) return; // MQTT 3.1, section 2.1: DUP or unused
    if (level !== 4 && type === 1 && !isQos3) return; // decodeConnect looks at them
    if (flags !== row.flags) throw new Refusal("reserved-flags", 0);
    return;
  }
  const qos = (flags >> 1) % 4;
  if (qos === 3) throw new Refusal("qos-3", 0);
  const dup = flags >= 8;
  if (dup && qos === 0 && options.dupAtQos0 !== "accept") throw new Refusal("dup-at-qos-0", 0);
}

/** §2.2.3, after the pseudo-code of the standard. */
function decodeRemainingLength(
  bytes: Buffer,
  options: ReferenceOptions,
): { readonly value: number; readonly bytes: number } | "incomplete" {
  let value = 0;
  let multiplier = 1;
  for (let count = 1; ; count++) {
    const encoded = bytes[count];
    if (encoded === undefined) return "incomplete";
    value += (encoded % 128) * multiplier;
    multiplier *= 128;
    if (encoded < 128) {
      const padded = encoded === 0 && count > 1;
      if (padded && options.paddedLength === "refuse") {
        throw new Refusal("padded-remaining-length", count);
      }
      return { value, bytes: count };
    }
    if (count === 4) throw new Refusal("malformed-remaining-length", 4);
  }
}

// §1.5 Data representations

/** The fields of one packet, read from the front. */
class Fields {
  readonly #packet: Buffer;
  readonly #options: ReferenceOptions;
  at: number;

  constructor(packet: Buffer, header: FixedHeader, options: ReferenceOptions) {
    this.#packet = packet;
    this.#options = options;
    this.at = header.bodyAt;
  }

  get isEmpty(): boolean {
    return this.at === this.#packet.length;
  }

  bytes(count: number, fieldAt = this.at): Buffer {
    if (this.at + count > this.#packet.length) throw new Refusal("truncated", fieldAt);
    this.at += count;
    return this.#packet.subarray(this.at - count, this.at);
  }

  byte(): number {
    return this.bytes(1).readUInt8();
  }

  word(): number {
    return this.bytes(2).readUInt16BE();
  }

  rest(): Uint8Array {
    return new Uint8Array(this.bytes(this.#packet.length - this.at));
  }

  /** Two length bytes and what they announce. */
  binary(): Buffer {
    const fieldAt = this.at;
    return this.bytes(this.word(), fieldAt);
  }

  packetId(): number {
    const fieldAt = this.at;
    const id = this.word();
    if (id === 0) throw new Refusal("zero-packet-id", fieldAt); // [MQTT-2.3.1-1]
    return id;
  }

  string(): string {
    const bytes = this.binary();
    return decodeString(bytes, this.at - bytes.length, this.#options);
  }

  topicName(): string {
    const bytes = this.binary();
    const at = this.at - bytes.length;
    if (bytes.length === 0) throw new Refusal("empty-topic-name", at); // [MQTT-4.7.3-1]
    const name = decodeString(bytes, at, this.#options);
    checkTopicName(bytes, at, this.#options);
    return name;
  }

  topicFilter(): string {
    const bytes = this.binary();
    const at = this.at - bytes.length;
    if (bytes.length === 0) throw new Refusal("empty-topic-filter", at); // [MQTT-4.7.3-1]
    const filter = decodeString(bytes, at, this.#options);
    checkTopicFilter(bytes, at, this.#options);
    return filter;
  }
}

/** ASCII without controls: each letter is a character, and every string may hold it. */
const PLAIN = /^[ -~]*$/;

/** One well-formed character, a byte a letter: table 3-7 of the Unicode Standard. */
const CHARACTER = new RegExp(
  [
    "[\\x00-\\x7f]",
    "[\\xc2-\\xdf][\\x80-\\xbf]",
    "\\xe0[\\xa0-\\xbf][\\x80-\\xbf]",
    "[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}",
    "\\xed[\\x80-\\x9f][\\x80-\\xbf]",
    "\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}",
    "[\\xf1-\\xf3][\\x80-\\xbf]{3}",
    "\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2}",
  ].join("|"),
  "y",
);

/** What §1.5.3 advises against: the C0 and C1 controls, and the 66 noncharacters. */
const DISCOURAGED = /\p{Cc}|\p{Noncharacter_Code_Point}/u;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A string whose first byte stands at `at` of its packet. §1.5.3. */
function decodeString(bytes: Buffer, at: number, options: ReferenceOptions): string {
  const letters = bytes.toString("latin1");
  if (PLAIN.test(letters)) return letters;
  CHARACTER.lastIndex = 0;
  while (CHARACTER.lastIndex < letters.length) {
    const offset = CHARACTER.lastIndex;
    const match = CHARACTER.exec(letters);
    if (match === null) throw new Refusal("ill-formed-utf8", at + offset); // [MQTT-1.5.3-1]
    const character = Buffer.from(match[0], "latin1").toString("utf8");
    if (character === "\0") throw new Refusal("null-character", at + offset); // [MQTT-1.5.3-2]
    if (options.controlCharacters !== "accept" && DISCOURAGED.test(character)) {
      throw new Refusal("disallowed-character", at + offset);
    }
  }
  return utf8.decode(bytes);
}

// §4.7 Topic Names and Topic Filters

interface Level {
  readonly text: string;
  readonly at: number;
  readonly isLast: boolean;
}

/** The levels of a topic, with where each begins in the packet. */
function levelsOf(bytes: Buffer, at: number): Level[] {
  const texts = bytes.toString("latin1").split("/");
  let levelAt = at;
  return texts.map((text, index) => {
    const level = { text, at: levelAt, isLast: index === texts.length - 1 };
    levelAt += text.length + 1;
    return level;
  });
}

function checkTopicName(bytes: Buffer, at: number, options: ReferenceOptions): void {
  for (const [index, level] of levelsOf(bytes, at).entries()) {
    checkLevelCount(index + 1, level, options);
    const wildcard = level.text.search(/[+#]/); // [MQTT-4.7.1-1] [MQTT-3.3.2-2]
    if (wildcard >= 0) throw new Refusal("wildcard-in-topic-name", level.at + wildcard);
  }
}

function checkTopicFilter(bytes: Buffer, at: number, options: ReferenceOptions): void {
  for (const [index, level] of levelsOf(bytes, at).entries()) {
    checkLevelCount(index + 1, level, options);
    if (level.text === "+") continue;
    if (level.text === "#" && level.isLast) continue;
    const wildcard = level.text.search(/[+#]/);
    if (wildcard < 0) continue;
    const code =
      level.text[wildcard] === "#"
        ? "misplaced-multi-level-wildcard" // [MQTT-4.7.1-2]
        : "misplaced-single-level-wildcard"; // [MQTT-4.7.1-3]
    throw new Refusal(code, level.at + wildcard);
  }
}

/** The slash before the level that is one too many is to blame. */
function checkLevelCount(count: number, level: Level, options: ReferenceOptions): void {
  if (count > (options.topicLevelsMax ?? Number.POSITIVE_INFINITY)) {
    throw new Refusal("too-many-topic-levels", level.at - 1);
  }
}

// §3 Control Packets

function decodeBody({ type, flags }: FixedHeader, fields: Fields, level: Dialect): Packet {
  const packet = decodeFields(type, flags, fields, level);
  if (!fields.isEmpty) throw new Refusal("trailing-bytes", fields.at);
  return packet;
}

function decodeFields(type: number, flags: number, fields: Fields, level: Dialect): Packet {
  switch (type) {
    case 1:
      return decodeConnect(flags, fields, level);
    case 2:
      return decodeConnack(fields);
    case 3:
      return decodePublish(flags, fields);
    case 4:
    case 5:
    case 6:
    case 7:
    case 11:
      return { type, packetId: fields.packetId() };
    case 8:
      return decodeSubscribe(fields, level);
    case 9:
      return decodeSuback(fields);
    case 10:
      return decodeUnsubscribe(fields);
    case 12:
    case 13:
    case 14:
      return { type };
    default:
      throw new Error(`type ${type} was refused with the first byte`);
  }
}

/** §3.1; MQTT 3.1, section 3.1 */
function decodeConnect(firstFlags: number, fields: Fields, judgedBy: Dialect): Packet {
  const nameAt = fields.at;
  const protocolName = protocolNameOf(firstFlags, fields);
  if (protocolName !== "MQTT" && protocolName !== "MQIsdp") {
    throw new Refusal("unknown-protocol-name", nameAt); // [MQTT-3.1.2-1]
  }
  const protocolLevel = protocolName === "MQTT" ? 4 : 3;
  const levelAt = fields.at;
  const level = fields.byte();
  if (level % 128 !== protocolLevel) {
    throw new Refusal("unacceptable-protocol-level", levelAt); // [MQTT-3.1.2-2]
  }
  const isOld = judgedBy !== 4 && protocolLevel === 3;
  const flagsAt = fields.at;
  const flags = isOld ? decodeOldConnectFlags(fields) : decodeConnectFlags(fields);
  const keepAliveSeconds = fields.word();
  const clientId = fields.string();
  let will: Will | undefined;
  if (flags.will) {
    const topicName = fields.topicName();
    const payload = new Uint8Array(fields.binary());
    will = { topicName, payload, qos: flags.willQos, retain: flags.willRetain };
  }
  // MQTT 3.1: "the Remaining Length field takes precedence over the User Name flag", as over the
  // Password flag. "It is not valid to supply a password without supplying a user name."
  const hasName = flags.username && !(isOld && fields.isEmpty);
  const username = hasName ? fields.string() : undefined;
  const hasPassword = flags.password && !(isOld && fields.isEmpty);
  const password = hasPassword ? new Uint8Array(fields.binary()) : undefined;
  if (password !== undefined && username === undefined) {
    throw new Refusal("password-without-username", flagsAt);
  }
  return {
    type: 1,
    protocolName,
    protocolLevel,
    bridge: level >= 128,
    cleanSession: flags.cleanSession,
    keepAliveSeconds,
    clientId,
    will,
    username,
    password,
  };
}

/** The flags of the first byte are those of 3.1.1 under every name but that of MQTT 3.1. */
function protocolNameOf(firstFlags: number, fields: Fields): string {
  try {
    const name = fields.binary().toString("latin1");
    if (name === "MQIsdp" || firstFlags === 0) return name;
  } catch (refusal) {
    if (firstFlags === 0) throw refusal;
  }
  throw new Refusal("reserved-flags", 0);
}

function connectFlagsOf(byte: number) {
  const bits = byte.toString(2).padStart(8, "0");
  const isSet = (bit: number) => bits[7 - bit] === "1";
  return {
    username: isSet(7),
    password: isSet(6),
    willRetain: isSet(5),
    willQos: Number.parseInt(bits.slice(3, 5), 2) as QoS, // 3 is refused by the callers
    will: isSet(2),
    cleanSession: isSet(1),
    reserved: isSet(0),
  };
}

/** MQTT 3.1, section 3.1: without the Will flag the other bits of a Will are disregarded. */
function decodeOldConnectFlags(fields: Fields) {
  const { at } = fields;
  const flags = connectFlagsOf(fields.byte());
  if (flags.will && Number(flags.willQos) === 3) throw new Refusal("will-qos-3", at);
  return flags;
}

/** §3.1.2.3 */
function decodeConnectFlags(fields: Fields) {
  const { at } = fields;
  const flags = connectFlagsOf(fields.byte());
  const willQos = Number(flags.willQos);
  if (flags.reserved) throw new Refusal("connect-reserved-flag", at); // [MQTT-3.1.2-3]
  if (!flags.will && (flags.willRetain || willQos !== 0)) {
    throw new Refusal("will-bits-without-will", at); // [MQTT-3.1.2-11]
  }
  if (willQos === 3) throw new Refusal("will-qos-3", at); // [MQTT-3.1.2-14]
  if (flags.password && !flags.username) {
    throw new Refusal("password-without-username", at); // [MQTT-3.1.2-22]
  }
  return flags;
}

/** §3.2 */
function decodeConnack(fields: Fields): Packet {
  const { at } = fields;
  const flags = fields.byte();
  if (flags > 1) throw new Refusal("reserved-connack-flags", at);
  const returnCode = fields.byte();
  switch (returnCode) {
    case 0:
      return { type: 2, sessionPresent: flags === 1, returnCode };
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      if (flags === 1) throw new Refusal("session-present-on-refusal", at); // [MQTT-3.2.2-4]
      return { type: 2, sessionPresent: false, returnCode };
    default:
      throw new Refusal("reserved-connack-code", at + 1);
  }
}

/** §3.3 */
function decodePublish(flags: number, fields: Fields): Packet {
  const qos = ((flags >> 1) % 4) as QoS; // 3 was refused with the first byte
  return {
    type: 3,
    dup: flags >= 8,
    qos,
    retain: flags % 2 === 1,
    topicName: fields.topicName(),
    packetId: qos === 0 ? 0 : fields.packetId(), // [MQTT-2.3.1-5]
    payload: fields.rest(),
  };
}

/** §3.8; MQTT 3.1, section 3.8: the upper six bits of a requested QoS are not used */
function decodeSubscribe(fields: Fields, level: Dialect): Packet {
  const packetId = fields.packetId();
  if (fields.isEmpty) throw new Refusal("no-topic-filter", fields.at); // [MQTT-3.8.3-3]
  const requests = [];
  while (!fields.isEmpty) {
    const topicFilter = fields.topicFilter();
    const optionsAt = fields.at;
    const requestedQos = level === 3 ? fields.byte() % 4 : fields.byte();
    if (requestedQos > 2) {
      throw new Refusal("reserved-subscribe-options", optionsAt); // [MQTT-3.8.3-4]
    }
    requests.push({ topicFilter, requestedQos: requestedQos as QoS }); // 0..2: checked above
  }
  return { type: 8, packetId, requests };
}

/** §3.9 */
function decodeSuback(fields: Fields): Packet {
  const packetId = fields.packetId();
  if (fields.isEmpty) throw new Refusal("no-return-code", fields.at);
  const returnCodes: (0 | 1 | 2 | 0x80)[] = [];
  while (!fields.isEmpty) {
    const { at } = fields;
    const code = fields.byte();
    if (code !== 0 && code !== 1 && code !== 2 && code !== 0x80) {
      throw new Refusal("reserved-suback-code", at); // [MQTT-3.9.3-2]
    }
    returnCodes.push(code);
  }
  return { type: 9, packetId, returnCodes };
}

/** §3.10 */
function decodeUnsubscribe(fields: Fields): Packet {
  const packetId = fields.packetId();
  if (fields.isEmpty) throw new Refusal("no-topic-filter", fields.at); // [MQTT-3.10.3-2]
  const topicFilters: string[] = [];
  while (!fields.isEmpty) topicFilters.push(fields.topicFilter());
  return { type: 10, packetId, topicFilters };
}
